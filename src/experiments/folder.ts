import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../common/errors.js";
import { writeFileAtomic } from "../storage/index.js";

/** Says that a folder belongs to an experiment, from its first moment on. */
const MARK_FILE = ".experiment";

/** What an experiment leaves in its folder, and replaces when it is run again. */
const OUTPUTS = ["runs", "landscapes", "results.json", "experiment.json", "report.html"];

/**
 * Prepares an experiment's folder: a new one, or one of an earlier experiment, whose results go and
 * whose datasets stay.
 *
 * @throws a failure where the folder holds something else or cannot be written
 */
export async function prepareFolder(out: string): Promise<void> {
  let entries: string[];
  try {
    await mkdir(out, { recursive: true });
    entries = await readdir(out);
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
  await writeFileAtomic(path.join(out, MARK_FILE), "Made by vadi.\n");
  try {
    for (const output of OUTPUTS) {
      await rm(path.join(out, output), { recursive: true, force: true });
    }
  } catch (error) {
    throw failure(
      `Could not remove the earlier results in ${out}: ${messageOf(error)}; choose another --out.`,
      error,
    );
  }
}
