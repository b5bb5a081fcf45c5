import { copyFile, link, rename, rm } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "../common/errors.js";
import { syncFile, TEMPORARY_SUFFIX } from "./atomic.js";

/** Why a hard link cannot be made, though a copy can: another disk, a file system or a user that may not. */
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
 * Puts a file under a second name: a hard link on the same disk, else a copy, which appears only when
 * it is whole and on disk. The source stays; a file of the target's name is replaced.
 */
export async function placeFile(source: string, target: string): Promise<void> {
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
    await syncFile(path.dirname(target), "r");
  } finally {
    // A rename between two links to the same file leaves both.
    await rm(temporary, { force: true });
  }
}
