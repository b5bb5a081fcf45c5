import { copyFileSync, linkSync, renameSync, rmSync } from "node:fs";
import { copyFile, link, rename, rm } from "node:fs/promises";
import { systemCode } from "../../common/errors.js";
import { syncFile, TEMPORARY_SUFFIX } from "./flush.js";

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

function hasNoLinks(error: unknown): boolean {
  return NO_LINK.has(systemCode(error) ?? "");
}

/**
 * Gives a file a second name: a hard link on the same disk, otherwise a copy, which appears only when it is
 * complete and on disk. The source stays; a file of the target's name is replaced. The folder's entries are not
 * flushed to disk.
 *
 * @param makeLink the system's, or another for tests
 */
export async function linkOrCopy(
  source: string,
  target: string,
  makeLink: typeof link = link,
): Promise<void> {
  try {
    return await makeLink(source, target);
  } catch (error) {
    if (systemCode(error) !== "EEXIST" && !hasNoLinks(error)) throw error;
  }
  const temporary = `${target}${TEMPORARY_SUFFIX}`;
  await rm(temporary, { force: true });
  try {
    try {
      await makeLink(source, temporary);
    } catch (error) {
      if (!hasNoLinks(error)) throw error;
      await copyFile(source, temporary);
      await syncFile(temporary);
    }
    await rename(temporary, target);
  } finally {
    // A rename between two links to the same file does nothing.
    await rm(temporary, { force: true });
  }
}

/**
 * Gives a file a second name for as long as this process runs, at once: a hard link, otherwise a copy.
 *
 * @param makeLink the system's, or another for tests
 * @throws a system error, such as ENOENT where there is no such file and EEXIST where the target is there
 */
export function linkOrCopyNow(
  source: string,
  target: string,
  makeLink: typeof linkSync = linkSync,
): void {
  try {
    return makeLink(source, target);
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
  }
  const temporary = `${target}${TEMPORARY_SUFFIX}`;
  try {
    copyFileSync(source, temporary);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}
