import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";

/** Drops files from the system's page cache, as `dd` can without being root; false where it cannot. */
export function dropFromCache(files: readonly string[]): boolean {
  return files.every((file) => {
    const words = [`if=${file}`, "iflag=nocache", "count=0"];
    return spawnSync("dd", words, { stdio: "ignore" }).status === 0;
  });
}

/** Reads files once, so that the page cache holds them. Datasets are written past it. */
export function fillCache(files: readonly string[]): void {
  const block = new Uint8Array(4 * 1024 * 1024);
  for (const file of files) {
    const descriptor = openSync(file, "r");
    while (readSync(descriptor, block) > 0);
    closeSync(descriptor);
  }
}

/** Whether a file can be read past the page cache here; not every file system does that. */
export function hasDirectReads(file: string): boolean {
  try {
    closeSync(openSync(file, constants.O_RDONLY | constants.O_DIRECT));
    return true;
  } catch {
    return false;
  }
}
