import { statfs } from "node:fs/promises";
import { formatBytes } from "../../common/text/sizes.js";
import { failure, say, type Sentence } from "../../common/errors.js";

/** The words of the error for a disk with too little space. */
export interface SpaceNeed {
  /** What needs the space, at the start of the sentence: "The dataset". */
  what: string;
  /** What the bytes are for, if needed: " of scratch space". */
  kind?: string;
  /** What to do, at the end of the sentence. */
  advice?: Sentence;
}

/** Throws a failure where the disk of a folder has fewer free bytes than are needed. */
export async function checkFreeSpace(
  folder: string,
  needed: number,
  { what, kind = "", advice = "free some space or choose another disk" }: SpaceNeed,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed > free) {
    throw failure(
      (option) =>
        `${what} needs ${formatBytes(needed)}${kind}, but the disk of ${folder} has ${formatBytes(free)} free; ${say(advice, option)}.`,
    );
  }
}
