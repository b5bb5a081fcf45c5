import { rm } from "node:fs/promises";
import path from "node:path";

/** Removes the checksums of a result, as earlier versions wrote none: its files can be changed then. Returns the folder. */
export async function withoutChecksums(folder: string): Promise<string> {
  await rm(path.join(folder, "SHA256SUMS"));
  return folder;
}
