import { isInterruption } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { endUpload, listUploads } from "./object-thread.js";

/*
 * A writer that is killed in the middle of an upload in parts leaves the parts in the bucket, where no list of objects
 * shows them. Nothing tells them from those of a writer that lives, but that its upload is over some time; and a writer
 * whose upload is ended by mistake begins that upload again.
 */

/** Seconds after which no upload of a shard is still under way: 256 MiB at 75 kB/s. */
export const ABANDONED_AFTER = 3600;

/** Uploads that are ended at once. */
const AT_ONCE = 6;

/** Which uploads are ended. */
export interface AbandonedUploads {
  /** What the objects' names begin with. */
  start?: string;
  /** Of which objects, by their names within the folder. */
  isOwn: (name: string) => boolean;
  /** Seconds since they began, at least. */
  age: number;
}

/**
 * Ends uploads to objects of a folder, and removes their parts, as far as the store lists them and lets it be done:
 * where it does not, that is no error of the job that finds them.
 *
 * @throws an interruption
 */
export async function endUploads(
  folder: string,
  { start = "", isOwn, age }: AbandonedUploads,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const found = (await listUploads({ folder, start }, signal)) ?? [];
    const abandoned = found.filter((upload) => upload.age >= age && isOwn(upload.name));
    await forEachLimited(abandoned, AT_ONCE, ({ name, id }) =>
      endUpload({ folder, name, id }, signal),
    );
  } catch (error) {
    if (isInterruption(error)) throw error;
  }
}
