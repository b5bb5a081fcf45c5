import { mkdir, mkdtemp, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, VadiError } from "../common/errors.js";
import { checkFreeSpace } from "../common/free-space.js";
import { isAlive } from "../common/processes.js";

const PREFIX = "vadi-scratch-";

/** Whether the process that made a scratch folder is gone. */
function isAbandoned(folder: string): boolean {
  const pid = Number.parseInt(folder.slice(PREFIX.length), 10);
  return Number.isInteger(pid) && pid > 0 && !isAlive(pid);
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
  await checkFreeSpace(parent, bytes, {
    what: "The global shuffle",
    kind: " of scratch space",
    advice: "name another folder with --scratch, or use --shuffle window",
  });
  const folder = await mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
  const file = path.join(folder, "rows");
  await (await open(file, "w")).close();
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
