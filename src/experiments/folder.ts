import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, VadiError } from "../common/errors.js";
import { inNewFolder } from "../files/folders.js";
import { writeFileAtomic } from "../files/atomic.js";
import { LOCK_FILE, lockFolder } from "../files/lock.js";

/** Says that a folder belongs to an experiment, from its first moment on. */
const MARK_FILE = ".experiment";

/** What an experiment leaves in its folder, and replaces when it is run again. */
const OUTPUTS = ["runs", "landscapes", "results.json", "experiment.json", "report.html"];

/**
 * Runs an experiment in its folder: a new one, or one of an earlier experiment, whose results go and
 * whose datasets stay. An experiment that fails before it has made anything leaves no folder.
 *
 * @throws a failure where the folder holds something else, cannot be written, or another process
 * works in it; whatever `run` throws
 */
export async function inExperimentFolder<Result>(
  out: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const refusal = (reason: string): string =>
    `${out} cannot be an experiment's folder (${reason}); choose another --out.`;
  return inNewFolder(out, refusal, async () => {
    const unlock = await prepareFolder(out, refusal);
    try {
      return await run();
    } catch (error) {
      await removeLoneMark(out);
      throw error;
    } finally {
      unlock();
    }
  });
}

/** Takes the mark away where nothing else is in the folder. */
async function removeLoneMark(out: string): Promise<void> {
  const others = (await readdir(out)).filter((entry) => ![MARK_FILE, LOCK_FILE].includes(entry));
  if (others.length === 0) await rm(path.join(out, MARK_FILE), { force: true });
}

/** Takes the folder, marks it and removes earlier results. Returns what gives it back. */
async function prepareFolder(
  out: string,
  refusal: (reason: string) => string,
): Promise<() => void> {
  let entries: string[];
  try {
    entries = (await readdir(out)).filter((entry) => entry !== LOCK_FILE);
  } catch (error) {
    throw failure(refusal(messageOf(error)), error);
  }
  if (entries.length > 0 && !entries.includes(MARK_FILE)) {
    throw failure(
      `${out} is not empty and no experiment made it: choose another --out, or move what is in it.`,
    );
  }
  let unlock: (() => void) | undefined;
  try {
    unlock = lockFolder(out);
    await writeFileAtomic(path.join(out, MARK_FILE), "Made by vadi.\n");
    for (const output of OUTPUTS) {
      await rm(path.join(out, output), { recursive: true, force: true });
    }
    return unlock;
  } catch (error) {
    unlock?.();
    if (error instanceof VadiError) throw error;
    throw failure(
      `Could not remove the earlier results in ${out}: ${messageOf(error)}; choose another --out.`,
      error,
    );
  }
}
