import { statSync } from "node:fs";
import path from "node:path";
import { shellWord } from "../../common/command-line.js";
import { plural } from "../../common/text/plurals.js";
import { failure, usageError } from "../../common/errors.js";
import type { Dataset } from "../../stream/index.js";
import type { StartOptions } from "../../backend/index.js";
import { newestCheckpoint } from "./checkpoint.js";
import type { Checkpoint } from "./checkpoint.js";
import { dependsOnThreads } from "../engine/engine.js";
import type { TrainingSettings } from "../resolve-options.js";
import { RUN_FILES } from "./run-folder.js";
import type { Run, RunRecord, TrainOptions } from "../types.js";
import { trainingOptions } from "../options.js";
import { GIVEN_WEIGHTS } from "../../model/index.js";

/** Records with more threads than this are not followed: no machine has as many cores. */
const MOST_THREADS = 1024;

/**
 * The options of a resumed run: those that it was started with, and those given now that may change.
 *
 * @throws a failure for another dataset; a usage error that names an option that differs
 */
export function resumedOptions(run: Run, dataset: Dataset, given: TrainOptions): TrainOptions {
  const { record, dir } = run;
  if (dataset.fingerprint !== record.dataset.fingerprint) {
    throw failure(
      `The run ${dir} was trained on another dataset than ${dataset.path} (the fingerprints differ); resume it with ${record.dataset.path}.`,
    );
  }
  const before = record.options;
  checkSame(run, given);
  const { signal, onProgress, onStart, scratch, otherBackend } = given;
  const own = Object.entries(before).filter(([, value]) => value !== null);
  const free = Object.entries(trainingOptions)
    .filter(([, { changes }]) => changes === "speed")
    .map(([name]) => [name, { ...given }[name]])
    .filter(([, value]) => value !== undefined);
  return {
    // The record's options are those that the run was given, so long as they are not null.
    ...(Object.fromEntries(own) as Partial<TrainOptions>),
    ...Object.fromEntries(free),
    // Weights that came with the model are in the checkpoint.
    init: before.init === GIVEN_WEIGHTS ? "uniform" : before.init,
    out: dir,
    epochs: given.epochs ?? before.epochs,
    resume: true,
    // The library's names of backends are those that it records.
    backend: given.backend ?? (record.backend as NonNullable<TrainOptions["backend"]>),
    otherBackend,
    scratch,
    signal,
    onProgress,
    onStart,
  };
}

/** Refuses options that differ from the run's and would change its result. */
function checkSame({ record, dir }: Run, given: TrainOptions): void {
  const before = record.options;
  for (const [name, { changes }] of Object.entries(trainingOptions)) {
    const value: unknown = { ...given }[name];
    const own: unknown = { ...before }[name];
    if (value === undefined || changes === "speed" || name === "epochs") continue;
    // A model's object or path is in the checkpoint; what a name stands for is in the record.
    if (name === "model" && before.init === GIVEN_WEIGHTS) continue;
    if (value !== own) {
      throw usageError(
        (option) =>
          `${option(name)} is ${String(value)}, but the run ${dir} has ${String(own)}; leave it out to continue, or start another run.`,
      );
    }
  }
  const epochs = given.epochs ?? before.epochs;
  if (epochs < before.epochs) {
    throw usageError(
      (option) =>
        `${option("epochs")} is ${epochs}, but the run ${dir} has ${before.epochs}; give as many or more.`,
    );
  }
  if (epochs > before.epochs && before.schedule === "cosine") {
    throw usageError(
      (option) =>
        `${option("epochs")} cannot grow with ${option("schedule")} cosine, whose learning rates depend on it; start another run.`,
    );
  }
}

/**
 * How to start the backend so that a resumed run computes with as many threads as before; undefined
 * where the record does not say.
 */
export function startedAs({ backend, threads }: RunRecord): StartOptions | undefined {
  if (backend !== "tfjs-node" || threads > MOST_THREADS) return undefined;
  return { operationThreads: threads };
}

/**
 * The newest complete checkpoint of a run; undefined if there is none.
 *
 * @throws a failure where the run would resume with another backend, engine or, where the engine's
 *   results depend on it, number of threads
 */
export async function resumePoint(
  { record, dir }: Run,
  now: Pick<RunRecord, "backend" | "engine" | "threads">,
  { keep, otherBackend }: TrainingSettings,
): Promise<Checkpoint | undefined> {
  const isOther =
    now.backend !== record.backend ||
    now.engine !== record.engine ||
    (now.threads !== record.threads && dependsOnThreads(record.engine));
  if (!otherBackend && isOther) {
    const how = (of: typeof now): string =>
      `the backend ${of.backend} (engine ${of.engine}, ${of.threads} ${plural(of.threads, "thread")})`;
    throw failure(
      (option) =>
        `The run ${dir} was trained on ${how(record)}, but would resume on ${how(now)} and end at slightly different weights; use ${option("backend")} ${record.backend} on as many threads, or allow it with ${option("otherBackend")}.`,
    );
  }
  const history = path.join(dir, RUN_FILES.journal);
  const bytes = statSync(history, { throwIfNoEntry: false })?.size ?? 0;
  return newestCheckpoint(
    path.join(dir, RUN_FILES.checkpoints),
    keep,
    ({ historyBytes }) => historyBytes <= bytes,
  );
}

/** The command that resumes a run. */
export function resumeCommand(record: Pick<RunRecord, "dataset">, out: string): string {
  return `vadi train ${shellWord(record.dataset.path)} --out ${shellWord(out)} --resume`;
}
