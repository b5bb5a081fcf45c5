import { mkdtempSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { threadId } from "node:worker_threads";
import { failure, messageOf, VadiError, type Sentence } from "../../common/errors.js";
import { inNewFolder } from "../../files/folders.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import { isAlive } from "../../common/process/processes.js";

const PREFIX = "vadi-scratch-";

/** Folders that this thread uses. */
const held = new Set<string>();

/** Whether the process that created a scratch folder has ended. */
function isAbandoned(folder: string): boolean {
  const name = path.basename(folder);
  if (!name.startsWith(PREFIX)) return false;
  const [pid = NaN, thread] = name.slice(PREFIX.length).split("-").map(Number);
  // In a container a killed process and its successor often have the same number.
  if (pid === process.pid && thread === threadId) return !held.has(folder);
  return Number.isInteger(pid) && pid > 0 && !isAlive(pid);
}

/**
 * Creates a file for scattered rows, in a folder whose name has the number of this process. Folders that
 * killed processes have left are removed first.
 *
 * @throws a failure where the folder cannot be used, or the disk has too little free space
 */
export async function createScratchFile(
  parent: string,
  bytes: number,
): Promise<{ file: string; remove: () => Promise<void> }> {
  const refusal =
    (reason: string): Sentence =>
    (option) =>
      `The folder ${parent} cannot hold the global shuffle's scratch file: ${reason}; name another with ${option("scratch")}.`;
  try {
    return await inNewFolder(parent, refusal, () => makeScratchFile(parent, bytes));
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(refusal(messageOf(error)), error);
  }
}

async function makeScratchFile(
  parent: string,
  bytes: number,
): Promise<{ file: string; remove: () => Promise<void> }> {
  for (const entry of await readdir(parent)) {
    const folder = path.join(parent, entry);
    // Folders of other users cannot be removed.
    if (isAbandoned(folder)) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
  await checkFreeSpace(parent, bytes, {
    what: "The global shuffle",
    kind: " of scratch space",
    advice: (option) =>
      `name another folder with ${option("scratch")}, or use ${option("shuffle")} window`,
  });
  // Without a pause before it is noted: another loader of this thread might take it for abandoned.
  const folder = mkdtempSync(path.join(parent, `${PREFIX}${process.pid}-${threadId}-`));
  held.add(folder);
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    held.delete(folder);
  };
  const file = path.join(folder, "rows");
  try {
    await writeFile(file, "");
  } catch (error) {
    await remove();
    throw error;
  }
  return { file, remove };
}
