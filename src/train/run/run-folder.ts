import { rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, usageError } from "../../common/errors.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { checkFiles, CHECKSUMS_FILE, writeChecksums } from "../../files/checksums.js";
import { exists } from "../../files/folders.js";
import { hashBytes } from "../../files/hash.js";
import { checkOutputFolder, openOutputFolder, type OutputKind } from "../../files/output-folder.js";
import { readJson } from "../../files/read-json.js";
import { foldStandardization, saveNetwork, type Network } from "../../model/index.js";
import type { Standardization } from "../../stream/index.js";
import type { RunRecord } from "../types.js";
import { RECORD_FILE, runRecordSchema } from "./record.js";

/** Names within a run's folder. */
export const RUN_FILES = {
  /** The model as tf.loadLayersModel reads it, which takes rows and returns targets in their own units. */
  model: "model",
  /** The weights for standardised rows; only if the run standardises. */
  weights: "weights",
  /** The weights that training started from, if they were given. */
  initial: "initial",
  checkpoints: "checkpoints",
  /** Snapshots of the weights during training. */
  path: "path",
  journal: "history.jsonl",
  history: "history.parquet",
  /** Some targets and predictions of the trained model. */
  predictions: "predictions.parquet",
} as const;

/** All that a run writes to its folder. The record is last, so that it is removed last: it marks the rest as a run's. */
const OWN: readonly string[] = [
  ...Object.values(RUN_FILES),
  "landscapes",
  CHECKSUMS_FILE,
  RECORD_FILE,
];

/** What has checksums of its own, as landscapes and the like have. */
const APART: ReadonlySet<string> = new Set([RUN_FILES.checkpoints, RUN_FILES.path]);
/** What the checksums of a run are of, besides its record. */
const CHECKED: readonly string[] = Object.values(RUN_FILES).filter((name) => !APART.has(name));

const RUN_FOLDER: OutputKind = {
  name: "a run",
  marker: RECORD_FILE,
  isOwn: (name) => OWN.includes(name),
  replaced: "files",
  errorKind: "usage",
  // Other programs may write a run.json as well.
  checkMarker: async (out) => {
    try {
      await readJson(path.join(out, RECORD_FILE), runRecordSchema, "a run's record");
    } catch (error) {
      throw usageError(`${out} is left as it is, since it may not be a run: ${messageOf(error)}`);
    }
  },
};

/**
 * Checks that a folder may become a run's: it is absent or empty, or holds a run that `force` allows to
 * replace. Changes nothing.
 *
 * @throws a usage error that says what is in the way; a failure where another process trains into the folder
 */
export async function checkOut(out: string, force: boolean): Promise<void> {
  await checkOutputFolder(out, RUN_FOLDER, { force });
}

/** A run's folder that this process has locked. */
export interface HeldFolder {
  /** Unlocks the folder. */
  unlock: () => void;
  /** Unlocks the folder, and removes what the run has written and the folders that were made for it. */
  discard: () => Promise<void>;
}

/**
 * Makes and locks a run's folder, and removes an earlier run from it. Other files stay.
 *
 * @throws as `checkOut`; a failure where the folder cannot be made
 */
export async function prepareOut(out: string, force: boolean): Promise<HeldFolder> {
  const { release, discard } = await openOutputFolder(out, RUN_FOLDER, { force });
  const removeOwn = async (): Promise<void> => {
    for (const name of OWN) await rm(path.join(out, name), { recursive: true, force: true });
  };
  try {
    await removeOwn();
  } catch (error) {
    await discard();
    throw failure(`Could not remove the earlier run in ${out}: ${messageOf(error)}.`, error);
  }
  return {
    unlock: release,
    async discard() {
      await removeOwn();
      await discard();
    },
  };
}

/**
 * Locks the folder of a run that is to be resumed.
 *
 * @returns unlocks it
 * @throws a failure where another process trains into it
 */
export async function resumeOut(out: string): Promise<() => void> {
  return (await openOutputFolder(out, RUN_FOLDER, { resume: true })).release;
}

/**
 * Writes a run's model and, if the run standardises, the weights for standardised rows.
 *
 * @returns the network in `model/`
 */
export async function saveModels(
  out: string,
  network: Network,
  standardization: Standardization | null,
): Promise<Network> {
  if (standardization !== null) await saveNetwork(path.join(out, RUN_FILES.weights), network);
  const folded =
    standardization === null ? network : await foldStandardization(network, standardization);
  await saveNetwork(path.join(out, RUN_FILES.model), folded);
  return folded;
}

/** Writes run.json of a run that goes on. Its files change, so that checksums of an earlier end are removed. */
export async function writeRecord(out: string, record: RunRecord): Promise<void> {
  const sums = path.join(out, CHECKSUMS_FILE);
  try {
    await rm(sums, { force: true });
  } catch (error) {
    throw failure(`Could not remove ${sums}: ${messageOf(error)}.`, error);
  }
  await writeFileAtomic(path.join(out, RECORD_FILE), textOf(record));
}

/** Writes the checksums and the run.json of a run that has ended. */
export async function writeLastRecord(out: string, record: RunRecord): Promise<void> {
  const text = textOf(record);
  await writeChecksums(out, CHECKED, { file: RECORD_FILE, sha256: hashBytes(text) });
  await writeFileAtomic(path.join(out, RECORD_FILE), text);
}

function textOf(record: RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/**
 * Compares the files of a run that has ended with the checksums that were written then.
 *
 * @throws a failure that names the file that has other bytes or is missing
 */
export async function checkRunFiles({ status }: RunRecord, dir: string): Promise<void> {
  if (status === "running") return;
  const { model, weights, initial, predictions, journal, history } = RUN_FILES;
  // Of the history one form is enough.
  const histories = [journal, history].filter((name) => exists(path.join(dir, name)));
  const names = [RECORD_FILE, model, weights, initial, predictions, ...histories];
  await checkFiles(dir, [RECORD_FILE], names);
}
