import { text } from "../../common/options/kinds.js";
import { failure, interruption, isInterruption, usageError } from "../../common/errors.js";
import { syncFolderNow } from "../../files/system/flush.js";
import {
  checkOutputFolder,
  checkResumeOrForce,
  inOutputFolder,
  type OutputChoice,
  type OutputKind,
} from "../../files/output-folder.js";
import {
  finishReplacement,
  interruptedReplacement,
  replaceFolder,
} from "../../files/replace-folder.js";
import { CHECKSUMS_FILE } from "../../files/checksums.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { absoluteLocation, isRemote } from "../format/location.js";
import { JOURNAL_FILE, removeUnusedJournal } from "./journal.js";
import { checkRemoteOutput, inRemoteOutput, type RemoteJob } from "./remote-output.js";

/** Folders of datasets and of their parts. */
export const DATASET_FOLDER: OutputKind = {
  name: "a dataset",
  marker: MANIFEST_FILE,
  partialMarker: JOURNAL_FILE,
  isOwn: (name) => name === CHECKSUMS_FILE || /^shard-\d{5,}\.(arrow|parquet)$/.test(name),
  replaced: "folder",
  errorKind: "failed",
};

/** A dataset's folder to write to, and what may be done with what it holds. */
export interface OutputFolder {
  /** Absolute. */
  out: string;
  /** Whether to continue an interrupted job. */
  resume: boolean;
  /** Whether to replace a dataset that is there. */
  force: boolean;
}

/**
 * Fills in the defaults of an output folder.
 *
 * @throws a usage error that names the option
 */
export function checkOutput(given: {
  out: string;
  resume?: boolean;
  force?: boolean;
}): OutputFolder {
  const { out, resume = false, force = false } = given;
  // A program in JavaScript may give anything.
  if (!text.schema.safeParse(out).success) {
    throw usageError((option) => `${option("out")} must name a folder.`);
  }
  checkResumeOrForce(resume, force);
  return { out: absoluteLocation(out), resume, force };
}

/**
 * Makes a dataset in its folder. With `force`, one that is there already is replaced atomically: the new one
 * is made beside it.
 *
 * @param make makes the dataset in a folder, from nothing or by continuing what is there (`resume`)
 * @throws as `checkOutputFolder`; a failure where a complete dataset is to be resumed; what `make` throws, where
 *   an interruption says how to resume
 */
export async function makeOrReplace<Made>(
  output: OutputFolder,
  make: (folder: string, resume: boolean) => Promise<Made>,
  signal?: AbortSignal,
): Promise<Made> {
  const { out } = output;
  if (isRemote(out))
    return resumable(out, () => inRemoteOutput(out, remoteJob(output, signal), make));
  await finishReplacement(out, DATASET_FOLDER);
  const action = await checkOutputFolder(out, DATASET_FOLDER, output);
  if (action === "complete") {
    throw failure(`${out} holds a finished dataset: there is nothing to resume.`);
  }
  if (action === "replace") {
    return replaceFolder(out, DATASET_FOLDER, (folder) => make(folder, false));
  }
  return resumable(out, () => make(out, output.resume));
}

/** How a dataset, or a part of one, is written to a store. */
export function remoteJob(
  choice: OutputFolder,
  signal: AbortSignal | undefined,
  keepsJournal = false,
): RemoteJob {
  return { kind: DATASET_FOLDER, choice, signal, keepsJournal };
}

/**
 * Checks early that a dataset may be written to a folder.
 *
 * @throws as `makeOrReplace`
 */
export async function checkDatasetOutput(
  output: OutputFolder,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isRemote(output.out)) await checkRemoteOutput(output.out, remoteJob(output, signal));
  else await checkOutputFolder(output.out, DATASET_FOLDER, output);
}

/** Runs a job that can be resumed; if it is interrupted, the error says how. */
export async function resumable<Result>(out: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isInterruption(error)) throw error;
    throw interruption(
      (option) =>
        `Interrupted: the finished shards stay in ${out}; continue with the same options and ${option("resume")}.`,
    );
  }
}

/**
 * Runs a job that writes shards in a folder, which is locked meanwhile and flushed to disk in the end. A job
 * that fails before its first shard leaves neither a journal nor a folder made for it, so that the next try
 * may have other options.
 *
 * @throws as `inOutputFolder`
 */
export function inDatasetFolder<Made>(
  folder: string,
  choice: OutputChoice,
  make: () => Promise<Made>,
): Promise<Made> {
  return inOutputFolder(folder, DATASET_FOLDER, choice, async (action) => {
    if (action === "complete") throw failure(`${folder} holds a dataset already.`);
    try {
      return await make();
    } catch (error) {
      if (!isInterruption(error)) await removeUnusedJournal(folder);
      throw error;
    } finally {
      syncFolderNow(folder);
    }
  });
}

/**
 * Why there is no dataset in a folder that does not exist: one may be being replaced, or was when a process
 * was killed.
 */
export function whyMissing(folder: string): string {
  const replacement = interruptedReplacement(folder, DATASET_FOLDER);
  if (replacement === undefined) return `There is no dataset ${folder}.`;
  const { isNewComplete, process } = replacement;
  if (process !== undefined) {
    return `${folder} is being replaced by process ${process}; try again in a moment.`;
  }
  const next = "the next 'vadi generate' or 'vadi convert' to this folder gives";
  return isNewComplete
    ? `${folder} was being replaced when the process was killed; the new dataset is complete, and ${next} it its name.`
    : `${folder} was being replaced when the process was killed; ${next} the old dataset its name back.`;
}

/** Whether a dataset has no folder of its name at the moment because it is being replaced. */
export function isBeingReplaced(folder: string): boolean {
  return interruptedReplacement(folder, DATASET_FOLDER) !== undefined;
}
