import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, VadiError } from "../common/errors.js";
import { ensureFolder } from "../common/folders.js";
import { LOCK_FILE, lockFolder, writeFileAtomic } from "../storage/index.js";

/** Says that a folder belongs to an experiment, from its first moment on. */
const MARK_FILE = ".experiment";

/** What an experiment leaves in its folder, and replaces when it is run again. */
const OUTPUTS = ["runs", "landscapes", "results.json", "experiment.json", "report.html"];

/**
 * Prepares an experiment's folder: a new one, or one of an earlier experiment, whose results go and
 * whose datasets stay.
 *
 * @returns gives the folder back
 * @throws a failure where the folder holds something else, cannot be written, or another process
 * works in it
 */
export async function prepareFolder(out: string): Promise<() => void> {
  let entries: string[];
  try {
    await ensureFolder(out);
    entries = (await readdir(out)).filter((entry) => entry !== LOCK_FILE);
  } catch (error) {
    throw failure(
      `${out} cannot be an experiment's folder (${messageOf(error)}); choose another --out.`,
      error,
    );
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
