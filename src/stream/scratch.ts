import { mkdir, mkdtemp, open, readdir, rm, statfs } from "node:fs/promises";
import path from "node:path";
import { formatBytes } from "../common/counts.js";
import { failure, messageOf, systemCode, VadiError } from "../common/errors.js";

const PREFIX = "vadi-scratch-";

/** Whether the process that made a scratch folder is gone. */
function isAbandoned(folder: string): boolean {
  const pid = Number.parseInt(folder.slice(PREFIX.length), 10);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === "ESRCH";
  }
}

/**
 * A file for rows on their way, in a folder of its own that names this process. Folders that killed
 * processes have left are removed first.
 *
 * @throws a failure where the folder cannot be used or the disk has less than the bytes free
 */
export async function createScratchFile(
  parent: string,
  bytes: number,
): Promise<{ file: string; remove: () => Promise<void> }> {
  try {
    return await makeScratchFile(parent, bytes);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(
      `The folder ${parent} cannot hold the global shuffle's scratch: ${messageOf(error)}; name another with --scratch.`,
      error,
    );
  }
}

async function makeScratchFile(
  parent: string,
  bytes: number,
): Promise<{ file: string; remove: () => Promise<void> }> {
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent)) {
    if (entry.startsWith(PREFIX) && isAbandoned(entry)) {
      await rm(path.join(parent, entry), { recursive: true, force: true });
    }
  }
  const { bavail, bsize } = await statfs(parent);
  if (bavail * bsize < bytes) {
    throw failure(
      `The global shuffle needs ${formatBytes(bytes)} of scratch space, but the disk of ${parent} has ${formatBytes(bavail * bsize)} free; name another folder with --scratch, or use --shuffle window.`,
    );
  }
  const folder = await mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
  const file = path.join(folder, "rows");
  await (await open(file, "w")).close();
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
