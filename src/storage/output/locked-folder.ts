import { existsSync } from "node:fs";
import path from "node:path";
import { failure, isInterruption, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { inNewFolder } from "../../files/folders.js";
import { syncFolder } from "../../files/atomic.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { removeUnusedJournal } from "./journal.js";
import { lockFolder } from "../../files/lock.js";

/**
 * Makes something in a folder, which is made where it is not there, is held meanwhile, and has its
 * entries on disk in the end. What fails before its first shard leaves neither a journal nor a folder that was
 * made for it, so that the next try may have other options.
 *
 * @param undone how the sentence begins where the folder cannot be written
 * @throws a failure that names the folder, or what `make` throws
 */
export async function inLockedFolder<Made>(
  folder: string,
  undone: string,
  make: () => Promise<Made>,
): Promise<Made> {
  const refusal = (reason: string): string => `${undone} ${folder}: ${reason}.`;
  try {
    return await inNewFolder(folder, refusal, async () => {
      const unlock = lockFolder(folder);
      try {
        return await make();
      } catch (error) {
        if (!isInterruption(error)) await removeUnusedJournal(folder);
        throw error;
      } finally {
        unlock();
        syncFolder(folder);
      }
    });
  } catch (error) {
    if (error instanceof VadiError || systemCode(error) === undefined) throw error;
    throw failure(refusal(messageOf(error)), error);
  }
}

/**
 * As `inLockedFolder`, for a dataset; refuses one that another process has finished between the look
 * into the folder and the lock.
 *
 * @param force whether there may be a dataset in the folder
 */
export function inDatasetFolder<Made>(
  folder: string,
  force: boolean,
  make: () => Promise<Made>,
): Promise<Made> {
  return inLockedFolder(folder, "The dataset could not be written to", async () => {
    if (!force && existsSync(path.join(folder, MANIFEST_FILE))) {
      throw failure(`${folder} holds a dataset already, which another process has just finished.`);
    }
    return make();
  });
}
