import { closeSync, fsyncSync, openSync } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../common/errors.js";

/** Ending of a file that is still being written. */
export const TEMPORARY_SUFFIX = ".tmp";

/**
 * Makes a file that appears under its name only when it is complete and on disk: it is written under a
 * temporary name, flushed, renamed, and its folder is flushed.
 *
 * @param write writes the content under the temporary name
 * @throws what `write` throws, or a system error; nothing is left of the file then
 */
export async function writeAtomic<Result>(
  file: string,
  write: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const temporary = `${file}${TEMPORARY_SUFFIX}`;
  try {
    const result = await write(temporary);
    await syncFile(temporary);
    await rename(temporary, file);
    await syncFile(path.dirname(file), "r");
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a file atomically: afterwards it is complete and on disk, or there is none.
 *
 * @throws a failure that names the file
 */
export async function writeFileAtomic(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeAtomic(file, (temporary) => writeFile(temporary, data));
  } catch (error) {
    throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
  }
}

/** Flushes a folder's entries to disk, such as a rename. Synchronous. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Flushes a file's content to disk or, with the flags `r`, a folder's entries. */
export async function syncFile(file: string, flags: "r" | "r+" = "r+"): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
