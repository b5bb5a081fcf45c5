import { statSync } from "node:fs";
import path from "node:path";
import { optionFlag, shellWord } from "../../common/command-line.js";
import { failure, usageError } from "../../common/errors.js";
import type { Dataset } from "../../stream/index.js";
import type { StartOptions } from "../../backend/index.js";
import { newestCheckpoint } from "./checkpoint.js";
import type { Checkpoint } from "./checkpoint.js";
import { dependsOnThreads } from "../engine/engine.js";
import type { Settings } from "../options/options.js";
import { GIVEN } from "./record.js";
import { RUN_FILES } from "./run-folder.js";
import type { Run, RunRecord, TrainOptions } from "../options/types.js";

/** The most threads that a record is believed: more than machines have cores, fewer than overwhelm one. */
const MOST_THREADS = 1024;

/** Options that change neither the weights nor the history. */
const FREE: ReadonlySet<string> = new Set(["memory", "checkpointEvery", "keep", "epochs"]);

/**
 * The options that a run goes on with: its own, and those given anew that may change.
 *
 * @throws a failure where the dataset is another; a usage error that names an option which differs
 */
export function resumedOptions(run: Run, dataset: Dataset, given: TrainOptions): TrainOptions {
  const { record, dir } = run;
  if (dataset.fingerprint !== record.dataset.fingerprint) {
    throw failure(
      `The run ${dir} was trained on another dataset than ${dataset.path} (the fingerprints differ); go on with ${record.dataset.path}.`,
    );
  }
  const before: RunRecord["options"] = record.options;
  for (const [name, own] of Object.entries(before)) {
    const value: unknown = Object.entries(given).find(([key]) => key === name)?.[1];
    if (value === undefined || FREE.has(name)) continue;
    // A model's object or path is in the checkpoint; what a name stands for is in the record.
    if (name === "model" && before.init === GIVEN) continue;
    if (value !== own && !(own === null && value === undefined)) {
      throw usageError(
        `${optionFlag(name)} is ${String(value)}, but the run ${dir} has ${String(own)}; leave it out to go on, or start another run.`,
      );
    }
  }
  const epochs = given.epochs ?? before.epochs;
  if (epochs < before.epochs) {
    throw usageError(
      `--epochs is ${epochs}, but the run ${dir} has ${before.epochs}; give as many or more.`,
    );
  }
  if (epochs > before.epochs && before.schedule === "cosine") {
    throw usageError(
      "--epochs cannot grow with --schedule cosine, whose learning rates depend on it; start another run.",
    );
  }
  const { clipNorm, patience, ...rest } = before;
  const {
    signal,
    onProgress,
    onStart,
    scratch,
    backend,
    otherBackend,
    memory,
    checkpointEvery,
    keep,
  } = given;
  return {
    ...rest,
    ...(clipNorm === null ? {} : { clipNorm }),
    ...(patience === null ? {} : { patience }),
    // Weights that came with the model are in the checkpoint.
    init: before.init === GIVEN ? "uniform" : before.init,
    out: dir,
    epochs,
    resume: true,
    memory: memory ?? before.memory,
    checkpointEvery: checkpointEvery ?? before.checkpointEvery,
    keep: keep ?? before.keep,
    // The library's names of backends are those that it records.
    backend: backend ?? (record.backend as NonNullable<TrainOptions["backend"]>),
    otherBackend: otherBackend ?? false,
    ...(scratch === undefined ? {} : { scratch }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(onStart === undefined ? {} : { onStart }),
  };
}

/**
 * How the backend was started that a run was begun on, so that it goes on with as many threads;
 * undefined where the record does not say.
 */
export function startedAs({ backend, threads }: RunRecord): StartOptions | undefined {
  if (backend !== "tfjs-node" || threads > MOST_THREADS) return undefined;
  return { operationThreads: threads };
}

/**
 * Where a run goes on: its newest whole checkpoint.
 *
 * @throws a failure where it would go on with another backend, engine or, where the engine's bits
 *   depend on it, number of threads
 */
export async function resumePoint(
  { record, dir }: Run,
  now: Pick<RunRecord, "backend" | "engine" | "threads">,
  { otherBackend }: Settings,
): Promise<Checkpoint | undefined> {
  const isOther =
    now.backend !== record.backend ||
    now.engine !== record.engine ||
    (now.threads !== record.threads && dependsOnThreads(record.engine));
  if (!otherBackend && isOther) {
    const how = (of: typeof now): string =>
      `the backend ${of.backend} (engine ${of.engine}, ${of.threads} thread${of.threads === 1 ? "" : "s"})`;
    throw failure(
      `The run ${dir} was trained on ${how(record)}, this would be ${how(now)}, which ends at slightly other weights; use --backend ${record.backend} on as many threads, or allow it with --other-backend.`,
    );
  }
  const history = path.join(dir, RUN_FILES.journal);
  const bytes = statSync(history, { throwIfNoEntry: false })?.size ?? 0;
  return newestCheckpoint(
    path.join(dir, RUN_FILES.checkpoints),
    ({ historyBytes }) => historyBytes <= bytes,
  );
}

/** The command that goes on with a run. */
export function resumeCommand(record: Pick<RunRecord, "dataset">, out: string): string {
  return `vadi train ${shellWord(record.dataset.path)} --out ${shellWord(out)} --resume`;
}
