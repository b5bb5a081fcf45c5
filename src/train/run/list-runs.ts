import { readdir } from "node:fs/promises";
import path from "node:path";
import { messageOf, systemCode, usageError, VadiError } from "../../common/errors.js";
import { lockHolder } from "../../files/lock.js";
import { RECORD_FILE } from "./record.js";
import { openRun } from "./open-run.js";
import type { Run, RunRecord } from "../types.js";

/** How many levels of folders are searched. */
const DEEPEST = 5;

/** A folder that has a run.json. */
export interface FoundRun {
  /** The folder, absolute. */
  dir: string;
  /** Undefined where run.json is damaged or belongs to another program. */
  run: Run | undefined;
  /** The record's status; `killed` where that is `running` but no process of this machine is training the run. */
  status: RunRecord["status"] | "killed" | "damaged";
}

/**
 * Finds the runs in a folder and below it, in the order of their paths. The inside of runs, hidden folders
 * and node_modules are not searched.
 *
 * @throws a usage error where the folder cannot be read
 */
export async function listRuns(folder: string): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  async function search(dir: string, depth: number): Promise<void> {
    const entries = await readdir(dir, { withFileTypes: true });
    if (entries.some(({ name }) => name === RECORD_FILE)) {
      const run = await openOrNot(dir);
      found.push({ dir, run, status: statusOf(dir, run) });
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
      // A folder without read permission is skipped.
      await search(one, depth + 1).catch((error: unknown) => {
        if (error instanceof VadiError) throw error;
      });
    }
  }
  try {
    await search(path.resolve(folder), 0);
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw usageError(`The folder ${folder} does not exist.`);
    throw usageError(`Could not search ${folder} for runs: ${messageOf(error)}.`);
  }
  return found;
}

function statusOf(dir: string, run: Run | undefined): FoundRun["status"] {
  if (run === undefined) return "damaged";
  const { status } = run.record;
  return status === "running" && lockHolder(dir) === undefined ? "killed" : status;
}

async function openOrNot(dir: string): Promise<Run | undefined> {
  try {
    return await openRun(dir);
  } catch (error) {
    if (error instanceof VadiError) return undefined;
    throw error;
  }
}
