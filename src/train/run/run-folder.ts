import { existsSync } from "node:fs";
import { access, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Standardization } from "../../stream/index.js";
import { failure, messageOf, systemCode, usageError, VadiError } from "../../common/errors.js";
import { ensureFolder, removeEmptyFolders } from "../../files/folders.js";
import { readJson, writeFileAtomic } from "../../files/atomic.js";
import { LOCK_FILE, lockFolder } from "../../files/lock.js";
import { ensureBackend } from "../../backend/index.js";
import { readHistory, readJournal } from "./history.js";
import {
  foldStandardization,
  toLayersModel,
  loadModel,
  saveNetwork,
  isDense,
} from "../../model/index.js";
import { foldingWarnings } from "./folding-error.js";
import { RECORD_FILE, recordSchema } from "./record.js";
import type { Network } from "../../model/index.js";
import type { Run, RunRecord } from "../types.js";

/** Names within a run's folder. */
export const RUN_FILES = {
  /** What tf.loadLayersModel reads: from rows and to targets in their own units. */
  model: "model",
  /** The trained weights, of standardised rows; only where the run standardises. */
  weights: "weights",
  /** The weights that training started from, where they were given to it. */
  initial: "initial",
  checkpoints: "checkpoints",
  /** Snapshots of the weights on the way. */
  path: "path",
  journal: "history.jsonl",
  history: "history.parquet",
} as const;

/** All that a run leaves in its folder; run.json goes last, since it tells that the rest is a run's. */
const OWN = [...Object.values(RUN_FILES), "landscapes", RECORD_FILE];

/**
 * Checks that a folder may become a run's: it is not there, or empty, or holds a run that `force`
 * allows to replace. Changes nothing.
 *
 * @throws a usage error that says what is in the way
 */
export async function checkOut(out: string, force: boolean): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(out);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw usageError(
      `${out} cannot be a run's folder (${messageOf(error)}); choose another --out.`,
    );
  }
  if (entries.every((entry) => entry === LOCK_FILE)) return;
  if (!entries.includes(RECORD_FILE)) {
    throw usageError(
      `${out} is not empty and no run (it has no ${RECORD_FILE}), so it is left alone; choose another --out.`,
    );
  }
  if (!force) {
    throw usageError(
      `${out} already holds a run; choose another --out, or replace it with --force.`,
    );
  }
  try {
    await readJson(path.join(out, RECORD_FILE), recordSchema, "a run's record");
  } catch (error) {
    throw usageError(`${out} is left alone, for it may not be a run: ${messageOf(error)}`);
  }
}

/** A run's folder, held by this process. */
export interface HeldFolder {
  /** Gives the folder back. */
  unlock(): void;
  /** Gives it back without what this process has put there, and without the folder where that was made. */
  discard(): Promise<void>;
}

async function removeOwn(out: string): Promise<void> {
  for (const name of OWN) await rm(path.join(out, name), { recursive: true, force: true });
}

/**
 * Makes the folder, takes it for this process, and removes what an earlier run left in it. Files that
 * are not a run's stay.
 *
 * @throws a failure that names the process which is training into it
 */
export async function prepareOut(out: string, force: boolean): Promise<HeldFolder> {
  let made: string | undefined;
  let unlock: (() => void) | undefined;
  try {
    made = await ensureFolder(out);
    const release = lockFolder(out);
    unlock = release;
    // Another process may have finished a run between the first look and the lock.
    await checkOut(out, force);
    await removeOwn(out);
    return {
      unlock: release,
      async discard() {
        await removeOwn(out);
        release();
        await removeEmptyFolders(out, made);
      },
    };
  } catch (error) {
    unlock?.();
    await removeEmptyFolders(out, made);
    if (error instanceof VadiError) throw error;
    throw failure(`Could not prepare the run's folder ${out}: ${messageOf(error)}.`, error);
  }
}

/**
 * Takes a run's folder for this process to go on with.
 *
 * @returns gives the folder back
 * @throws a failure that names the process which is training into it
 */
export function resumeOut(out: string): () => void {
  try {
    return lockFolder(out);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`Could not go on in the run's folder ${out}: ${messageOf(error)}.`, error);
  }
}

/**
 * Writes a run's model, and the weights as they were trained where they are other ones.
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

/** Writes run.json. */
export async function writeRecord(out: string, record: RunRecord): Promise<void> {
  await writeFileAtomic(path.join(out, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Opens the run in a folder, whether it has ended or not.
 *
 * @throws a failure that names the folder where there is no run, or a damaged one
 */
export async function openRun(dir: string): Promise<Run> {
  const folder = path.resolve(dir);
  const file = path.join(folder, RECORD_FILE);
  try {
    await access(file);
  } catch (error) {
    throw failure(`${folder} is not a run: it has no ${RECORD_FILE}.`, error);
  }
  const record = await readJson(file, recordSchema, "a run's record");
  const model = path.join(folder, RUN_FILES.model);
  const own = path.join(folder, RUN_FILES.weights);
  // Runs of earlier versions have what they trained in model/ alone.
  const weights = (): Promise<Network> => loadModel(existsSync(own) ? own : model);
  return {
    dir: folder,
    record,
    warnings: [...(record.warnings ?? []), ...foldingWarnings(record)],
    // A run that goes on has at the most the table of an earlier end.
    history: () =>
      record.status === "running"
        ? readJournal(path.join(folder, RUN_FILES.journal))
        : readHistory(path.join(folder, RUN_FILES.journal), path.join(folder, RUN_FILES.history)),
    weights,
    async network() {
      const network = await weights();
      if (isDense(network)) return network;
      throw failure(
        `The model of ${folder} is no plain chain of dense layers; read it with weights() or model().`,
      );
    },
    async model() {
      await ensureBackend();
      return toLayersModel(await loadModel(model));
    },
  };
}
