import { closeSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { threadId } from "node:worker_threads";
import { failure, messageOf, systemCode, type VadiError } from "../common/errors.js";
import { isAlive } from "../common/process/processes.js";
import { writeFully } from "./write-fully.js";

/** The file that keeps two processes from writing to one folder: it names the process and thread that hold it. */
export const LOCK_FILE = ".lock";

/** How often a lock is tried, and the pause for one that is just being written, in milliseconds. */
const ATTEMPTS = 10;
const PAUSE = 20;

/** Lock files that this thread holds. */
const held = new Set<string>();

/** The content of a lock file. */
interface Holder {
  text: string;
  /** NaN where the text does not name a process, or does not yet. */
  pid: number;
  isAlive: boolean;
}

/**
 * Locks a folder for this process. The lock of a process that has died is taken over.
 *
 * @returns unlocks the folder
 * @throws a failure that names the process which holds the lock
 */
export function lockFolder(folder: string): () => void {
  const file = path.join(folder, LOCK_FILE);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      writeNew(file, `${process.pid} ${threadId}\n`);
      held.add(file);
      return () => {
        held.delete(file);
        try {
          rmSync(file, { force: true });
        } catch (error) {
          throw failure(
            `Could not remove the lock ${file}: ${messageOf(error)}; remove it.`,
            error,
          );
        }
      };
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const holder = readLock(file);
    if (holder === undefined) continue;
    if (holder.isAlive) throw lockedError(folder, holder.pid);
    // The file exists a moment before its text does.
    if (Number.isNaN(holder.pid) && attempt < ATTEMPTS / 2) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    } else {
      try {
        breakLock(file, holder);
      } catch (error) {
        throw failure(`Could not take over the lock ${file}: ${messageOf(error)}.`, error);
      }
    }
  }
  throw failure(`${folder} could not be locked: other processes keep taking it.`);
}

/** The living process that has locked a folder, if one has. */
export function lockHolder(folder: string): number | undefined {
  const holder = readLock(path.join(folder, LOCK_FILE));
  return holder?.isAlive === true ? holder.pid : undefined;
}

/** The error for a folder that another process has locked. */
export function lockedError(folder: string, pid: number): VadiError {
  return failure(
    `${folder} is being written by process ${pid}; wait for it to end, or choose another folder.`,
  );
}

/** Whether a file of that name belongs to a lock, also where a process died while it took one over. */
export function isLockFile(name: string): boolean {
  return name === LOCK_FILE || /^\.lock\.\d+-\d+\.tmp$/.test(name);
}

/** Reads a lock file; undefined where there is none. */
function readLock(file: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw failure(`Could not read the lock ${file}: ${messageOf(error)}.`, error);
  }
  const [pid = NaN, thread] = text.split(" ").map((word) => Number.parseInt(word, 10));
  // In a container a killed process and its successor often have the same number.
  const isOurs = pid === process.pid && thread === threadId;
  return { text, pid, isAlive: isOurs ? held.has(file) : pid > 0 && isAlive(pid) };
}

/** Writes a file that does not exist yet. Nothing of it is left if that fails. */
function writeNew(file: string, text: string): void {
  const descriptor = openSync(file, "wx");
  try {
    writeFully(descriptor, Buffer.from(text));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Removes the lock of a dead process, unless another process has replaced it meanwhile. */
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
