import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { threadId } from "node:worker_threads";
import { failure, systemCode } from "../common/errors.js";
import { isAlive } from "../common/processes.js";

/** Held while a dataset is being made in a folder. */
export const LOCK_FILE = ".lock";

/** How often a lock is looked at, and how long is waited for one that is just being written, in milliseconds. */
const ATTEMPTS = 10;
const PAUSE = 20;

/** Folders that this thread holds. */
const held = new Set<string>();

/** What a lock says: the process that took it; NaN where the text is not, or not yet, a lock's. */
interface Holder {
  text: string;
  pid: number;
  isAlive: boolean;
}

/** Who holds a lock; undefined where there is none. */
function readLock(file: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const [pid = NaN, thread] = text.split(" ").map((word) => Number.parseInt(word, 10));
  // In a container a killed process and its successor often have the same number.
  const isOurs = pid === process.pid && thread === threadId;
  return { text, pid, isAlive: isOurs ? held.has(file) : pid > 0 && isAlive(pid) };
}

/** The process that is making a dataset in a folder, if any is. */
export function lockHolder(folder: string): number | undefined {
  const holder = readLock(path.join(folder, LOCK_FILE));
  return holder?.isAlive === true ? holder.pid : undefined;
}

/** Writes a file that is not there; on a full disk nothing of it is left. */
function writeNew(file: string, text: string): void {
  const descriptor = openSync(file, "wx");
  try {
    writeSync(descriptor, text);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Takes a dead process's lock away, unless another has taken the folder meanwhile. */
function breakLock(file: string, dead: Holder): void {
  const aside = `${file}.${process.pid}-${threadId}.tmp`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  if (readFileSync(aside, "utf8") === dead.text) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

/**
 * Takes a folder for this process. A lock whose process has died is taken over.
 *
 * @returns gives the folder back
 * @throws a failure that names the process which holds it
 */
export function lockFolder(folder: string): () => void {
  const file = path.join(folder, LOCK_FILE);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      writeNew(file, `${process.pid} ${threadId}\n`);
      held.add(file);
      return () => {
        held.delete(file);
        rmSync(file, { force: true });
      };
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const holder = readLock(file);
    if (holder === undefined) continue;
    if (holder.isAlive) {
      throw failure(
        `${folder} is being written by process ${holder.pid}; wait for it to end, or choose another folder.`,
      );
    }
    // A lock is there a moment before its text is.
    if (Number.isNaN(holder.pid) && attempt < ATTEMPTS / 2) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    } else breakLock(file, holder);
  }
  throw failure(`${folder} could not be locked: other processes keep taking it.`);
}
