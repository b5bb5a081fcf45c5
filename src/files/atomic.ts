import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../common/errors.js";
import { syncFile, syncFolder, TEMPORARY_SUFFIX } from "./system/flush.js";

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
    await syncFolder(path.dirname(file));
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
