import { copyFile, link, rename, rm } from "node:fs/promises";
import { systemCode } from "../common/errors.js";
import { syncFile, TEMPORARY_SUFFIX } from "./atomic.js";

/** Codes of errors that a hard link fails with where a copy may succeed: another disk, no support, no permission. */
const NO_LINK: ReadonlySet<string> = new Set([
  "EXDEV",
  "EPERM",
  "EACCES",
  "EMLINK",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
]);

/**
 * Gives a file a second name: a hard link on the same disk, otherwise a copy, which appears only when it is
 * complete and on disk. The source stays; a file of the target's name is replaced. The folder's entries are not
 * flushed to disk.
 */
export async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    return await link(source, target);
  } catch (error) {
    if (systemCode(error) !== "EEXIST" && !NO_LINK.has(systemCode(error) ?? "")) throw error;
  }
  const temporary = `${target}${TEMPORARY_SUFFIX}`;
  await rm(temporary, { force: true });
  try {
    try {
      await link(source, temporary);
    } catch (error) {
      if (!NO_LINK.has(systemCode(error) ?? "")) throw error;
      await copyFile(source, temporary);
      await syncFile(temporary);
    }
    await rename(temporary, target);
  } finally {
    // A rename between two links to the same file does nothing.
    await rm(temporary, { force: true });
  }
}
