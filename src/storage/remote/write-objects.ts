import { open, readFile, stat } from "node:fs/promises";
import { failure } from "../../common/errors.js";
import { repeated } from "./download.js";
import { storeOf } from "./object-store.js";
import type {
  CopyTask,
  DescribeTask,
  EndUploadTask,
  ListTask,
  PutTask,
  RemoveTask,
  UploadsTask,
} from "./tasks.js";
import type { ObjectDescription, ObjectWriter, Parts, UnfinishedUpload } from "./types.js";

/** Larger objects are sent in parts, each of which has so many bytes. A store takes 10,000 parts. */
const PART_BYTES = 8 * 2 ** 20;

/** Lists the names of a folder's objects; undefined where the store has no lists. */
export async function listObjects(
  { folder, isDeep = false }: ListTask,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const { writer } = await storeOf(folder);
  if (writer === undefined) return undefined;
  return repeated(folder, "listed", signal, () => writer.list(isDeep, signal));
}

/** An object's size and metadata, or undefined where there is none. */
export async function describeObject(
  { folder, name }: DescribeTask,
  signal: AbortSignal,
): Promise<ObjectDescription | undefined> {
  const writer = await writerOf(folder);
  return repeated(`${folder}/${name}`, "found", signal, () => writer.describe(name, signal));
}

/** Writes an object. Gives false where one of its name is there and is not to be replaced. */
export async function putObject(task: PutTask, signal: AbortSignal): Promise<boolean> {
  const { folder, name, content } = task;
  const writer = await writerOf(folder);
  const put = (bytes: Uint8Array): Promise<boolean> =>
    repeated(`${folder}/${name}`, "written", signal, () => writer.put(name, bytes, task, signal));
  if ("text" in content) return put(Buffer.from(content.text));
  const { size } = await stat(content.file);
  if (size <= PART_BYTES) return put(await readFile(content.file));
  const handle = await open(content.file);
  try {
    const parts: Parts = {
      count: Math.ceil(size / PART_BYTES),
      async read(index) {
        const bytes = Buffer.allocUnsafe(Math.min(PART_BYTES, size - index * PART_BYTES));
        for (let done = 0; done < bytes.length;) {
          const at = index * PART_BYTES + done;
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, at);
          if (bytesRead === 0) throw failure(`${content.file} has become shorter.`);
          done += bytesRead;
        }
        return bytes;
      },
    };
    return await repeated(`${folder}/${name}`, "written", signal, () =>
      writer.upload(name, parts, task, signal),
    );
  } finally {
    await handle.close();
  }
}

/** Copies an object within a store. */
export async function copyObject(
  { folder, name, from, metadata }: CopyTask,
  signal: AbortSignal,
): Promise<void> {
  const writer = await writerOf(folder);
  await repeated(`${from.folder}/${from.name}`, "copied", signal, () =>
    writer.copy(from, name, metadata, signal),
  );
}

/** Removes an object, if there is one. */
export async function removeObject(
  { folder, name }: RemoveTask,
  signal: AbortSignal,
): Promise<void> {
  const writer = await writerOf(folder);
  await repeated(`${folder}/${name}`, "removed", signal, () => writer.remove(name, signal));
}

/** Unfinished uploads; undefined where the store does not list them. */
export async function listUploads(
  { folder, start }: UploadsTask,
  signal: AbortSignal,
): Promise<UnfinishedUpload[] | undefined> {
  const { writer } = await storeOf(folder);
  if (writer === undefined) return undefined;
  return repeated(folder, "listed", signal, () => writer.uploads(start, signal));
}

/** Ends an upload, if it is there. */
export async function endUpload({ folder, name, id }: EndUploadTask): Promise<void> {
  const writer = await writerOf(folder);
  await writer.endUpload(name, id);
}

async function writerOf(folder: string): Promise<ObjectWriter> {
  const { writer } = await storeOf(folder);
  if (writer === undefined)
    throw failure(`${folder} can only be read; write to s3://BUCKET/PREFIX.`);
  return writer;
}
