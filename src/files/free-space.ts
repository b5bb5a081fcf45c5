import { statfs } from "node:fs/promises";
import { formatBytes } from "../common/text/sizes.js";
import { failure } from "../common/errors.js";

/** How the sentence goes where space is missing. */
export interface SpaceNeed {
  /** What needs the space, as the sentence begins: "The dataset". */
  what: string;
  /** What the bytes are, if that needs saying: " of scratch space". */
  kind?: string;
  /** What to do, as the sentence ends. */
  advice?: string;
}

/** Throws a failure where a folder's disk has less free than is needed, in bytes. */
export async function checkFreeSpace(
  folder: string,
  needed: number,
  { what, kind = "", advice = "free some space or choose another disk" }: SpaceNeed,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed > free) {
    throw failure(
      `${what} needs ${formatBytes(needed)}${kind}, but the disk of ${folder} has ${formatBytes(free)} free; ${advice}.`,
    );
  }
}
