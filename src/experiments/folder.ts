import { rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../common/errors.js";
import { writeFileAtomic } from "../files/atomic.js";
import { inOutputFolder, outputEntries, type OutputKind } from "../files/output-folder.js";

/** Marks a folder as an experiment's, as soon as the experiment begins. */
const MARKER = ".experiment";

/** What an experiment writes to its folder, besides datasets. A later run of it replaces all of this. */
const OUTPUTS: readonly string[] = [
  "runs",
  "landscapes",
  "results.json",
  "experiment.json",
  "report.html",
];

const EXPERIMENT_FOLDER: OutputKind = {
  name: "an experiment",
  marker: MARKER,
  isOwn: (name) => OUTPUTS.includes(name),
  replaced: "files",
  errorKind: "failed",
};

/**
 * Runs an experiment in its folder, which is locked meanwhile. Results of an earlier run of it are removed
 * first; its datasets stay. An experiment that fails before it has written anything leaves no folder.
 *
 * @throws a failure where the folder holds something else or cannot be written, or where another process
 *   has locked it; what `run` throws
 */
export function inExperimentFolder<Result>(
  out: string,
  run: () => Promise<Result>,
): Promise<Result> {
  return inOutputFolder(out, EXPERIMENT_FOLDER, { force: true }, async () => {
    const marker = path.join(out, MARKER);
    await writeFileAtomic(marker, "Made by vadi.\n");
    await removeResults(out);
    try {
      return await run();
    } catch (error) {
      const entries = await outputEntries(out, EXPERIMENT_FOLDER);
      if (entries.every((entry) => entry === MARKER)) await rm(marker, { force: true });
      throw error;
    }
  });
}

async function removeResults(out: string): Promise<void> {
  try {
    for (const name of OUTPUTS) await rm(path.join(out, name), { recursive: true, force: true });
  } catch (error) {
    throw failure(
      `Could not remove the earlier results in ${out}: ${messageOf(error)}; choose another folder.`,
      error,
    );
  }
}
