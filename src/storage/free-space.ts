import { statfs } from "node:fs/promises";
import { formatBytes } from "../common/counts.js";
import { failure } from "../common/errors.js";

/**
 * Throws a failure where a folder's disk has less free than is needed.
 *
 * @param what what needs the space, as the sentence begins: "The dataset"
 */
export async function checkFreeSpace(folder: string, needed: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed > free) {
    throw failure(
      `${what} needs ${formatBytes(needed)}, but the disk of ${folder} has ${formatBytes(free)} free; free some space or choose another disk.`,
    );
  }
}
