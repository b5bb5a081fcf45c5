import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { threadId } from "node:worker_threads";
import { failure, systemCode } from "../common/errors.js";
import { isAlive } from "../common/processes.js";

/** Held while a dataset is being made in a folder. */
export const LOCK_FILE = ".lock";

/** Folders that this thread holds. */
const held = new Set<string>();

/**
 * Takes a folder for this process. A lock whose process has died is taken over.
 *
 * @returns gives the folder back
 * @throws a failure that names the process which holds it
 */
export function lockFolder(folder: string): () => void {
  const file = path.join(folder, LOCK_FILE);
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      writeFileSync(file, `${process.pid} ${threadId}\n`, { flag: "wx" });
      held.add(file);
      return () => {
        held.delete(file);
        rmSync(file, { force: true });
      };
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    let holder: number;
    let thread: number;
    try {
      const text = readFileSync(file, "utf8").split(" ");
      holder = Number.parseInt(text[0] ?? "", 10);
      thread = Number.parseInt(text[1] ?? "", 10);
    } catch (error) {
      if (systemCode(error) === "ENOENT") continue;
      throw error;
    }
    // In a container a killed process and its successor often have the same number.
    const isOurs = holder === process.pid && thread === threadId;
    const isHeld = isOurs ? held.has(file) : holder > 0 && isAlive(holder);
    if (isHeld) {
      throw failure(
        `${folder} is being written by process ${holder}; wait for it to end, or choose another folder.`,
      );
    }
    rmSync(file, { force: true });
  }
  throw failure(`${folder} could not be locked: other processes keep taking it.`);
}
