import { readdir } from "node:fs/promises";
import path from "node:path";
import { messageOf, usageError, VadiError } from "../common/errors.js";
import { RECORD_FILE } from "./record.js";
import { openRun } from "./run-folder.js";
import type { Run } from "./types.js";

/** Folders below the given one that are looked into. */
const DEEPEST = 5;

/** What is in a folder that has a run.json. */
export interface FoundRun {
  /** The folder, absolute. */
  dir: string;
  /** undefined where run.json is damaged or another program's. */
  run: Run | undefined;
}

/**
 * Finds the runs in a folder and below it, in the order of their paths. What is inside a run, hidden
 * folders and node_modules are not looked into.
 *
 * @throws a usage error where the folder cannot be read
 */
export async function listRuns(folder: string): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  async function look(dir: string, depth: number): Promise<void> {
    const entries = await readdir(dir, { withFileTypes: true });
    if (entries.some(({ name }) => name === RECORD_FILE)) {
      found.push({ dir, run: await openOrNot(dir) });
      return;
    }
    if (depth === DEEPEST) return;
    const below = entries
      .filter(
        (entry) =>
          entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules",
      )
      .map(({ name }) => path.join(dir, name))
      .toSorted();
    for (const one of below) {
      // A folder that is not ours to read is none with runs for us.
      await look(one, depth + 1).catch((error: unknown) => {
        if (error instanceof VadiError) throw error;
      });
    }
  }
  try {
    await look(path.resolve(folder), 0);
  } catch (error) {
    throw usageError(`Could not look for runs in ${folder}: ${messageOf(error)}.`);
  }
  return found;
}

async function openOrNot(dir: string): Promise<Run | undefined> {
  try {
    return await openRun(dir);
  } catch (error) {
    if (error instanceof VadiError) return undefined;
    throw error;
  }
}
