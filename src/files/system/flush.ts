import { closeSync, fsyncSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { systemCode } from "../../common/errors.js";

/** Ending of a file that is still being written. */
export const TEMPORARY_SUFFIX = ".tmp";

/** Flushes a file's content to disk. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Flushes a folder's entries to disk, such as a rename. Windows cannot do so, nor can some file systems: there the
 * system itself decides when a rename is on disk.
 *
 * @param platform of this machine, or another for tests
 */
export async function syncFolder(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  if (platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  } finally {
    await handle.close();
  }
}

/** As `syncFolder`, at once. */
export function syncFolderNow(folder: string, platform: NodeJS.Platform = process.platform): void {
  if (platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a file system says that it does not support an operation. */
export function isUnsupported(error: unknown): boolean {
  return ["EINVAL", "ENOTSUP", "EOPNOTSUPP"].includes(systemCode(error) ?? "");
}
