import path from "node:path";
import { version_core } from "@tensorflow/tfjs-core";
import { throwIfAborted, usageError } from "../common/errors.js";
import { compileKernel } from "../common/kernel.js";
import { VERSION } from "../common/version.js";
import { referenceTo, standardizationOf, type Dataset } from "../stream/index.js";
import { chooseBackend, currentBackend } from "../backend/index.js";
import type { StartOptions } from "../backend/index.js";
import { findEngine } from "./engine/engine.js";
import { startOptionsFor } from "./engine/graph/index.js";
import { engineSpec } from "./steps/minibatches.js";
import { saveNetwork, countWeights, isDense, widthsOf } from "../model/index.js";
import { trainingSettings, unusedWarnings } from "./resolve-options.js";
import type { TrainingSettings } from "./resolve-options.js";
import { trainCommandLine, optionsOf } from "./run/record.js";
import { resumedOptions, resumePoint, startedAs } from "./run/resume.js";
import { checkFork, openFork, type Fork } from "./run/fork.js";
import { openRun } from "./run/open-run.js";
import {
  checkOut,
  prepareOut,
  resumeOut,
  RUN_FILES,
  saveModels,
  writeRecord,
} from "./run/run-folder.js";
import { firstRowsWarnings } from "./evaluation/first-rows.js";
import { runOptimizer } from "./steps/session.js";
import { checkTraining, startingModel } from "./steps/starting-model.js";
import type { StartingModel } from "./steps/starting-model.js";
import type { Network } from "../model/index.js";
import type { ForkRecord, Run, RunRecord, TrainOptions } from "./types.js";

/**
 * Trains a model on a dataset that is streamed from disk, and writes the run's folder: run.json,
 * model/, checkpoints/, path/, history.jsonl and, in the end, history.parquet. The same dataset,
 * options and seed give the same bytes of weights, whether or not training was interrupted and
 * resumed on the way.
 *
 * @throws a usage error for invalid options and for a folder that is in use, before anything is written; a
 *   failure where files cannot be read or written, where the closed form's equations are singular, or where
 *   training diverges (the run's status is then `diverged`); an interruption once `signal` is aborted
 *   (status `stopped`; `resume` continues the run)
 */
export async function train(dataset: Dataset, options: TrainOptions): Promise<Run> {
  if (options.resume === true) return resume(dataset, options);
  const { from } = options;
  if (from === undefined) return start(dataset, options);
  const fork = await openFork({ ...options, from });
  return start(dataset, fork.options, fork);
}

/** @param fork where the run starts from the weights of another */
async function start(
  dataset: Dataset,
  options: TrainOptions,
  fork?: Pick<Fork, "from" | "standardize"> & Partial<Pick<Fork, "network">>,
): Promise<Run> {
  const { training, validation } = await rowsOf(dataset, options);
  const settings = trainingSettings(training, options);
  const model = await startingModel(dataset, options, settings, fork?.network);
  const { network } = model;
  if (!isDense(network)) settings.gradients = "autodiff";
  const backend = await chooseBackend(
    settings.backend,
    startOptions(network, settings, training.rows),
  );
  if (!isDense(network)) await checkTraining(network, settings, backend);
  await checkOut(settings.out, settings.force);
  throwIfAborted(options.signal);

  // This pass finds invalid rows, so an earlier run is replaced only after it.
  settings.standardization = fork
    ? fork.standardize
    : await standardizationFor(training, settings, options);
  const warnings = [
    ...unusedWarnings({ ...options }, settings),
    ...(await firstRowsWarnings(training, settings, isTable(dataset), options.signal)),
  ];
  const record = {
    ...recordOf(dataset, options, settings, model, backend, fork?.from),
    ...(warnings.length > 0 && { warnings }),
  };
  const folder = await prepareOut(settings.out, settings.force);
  try {
    if (model.copied) await saveNetwork(path.join(settings.out, RUN_FILES.initial), model.network);
    await saveModels(settings.out, model.network, settings.standardization);
    await writeRecord(settings.out, record);
  } catch (error) {
    // A folder without a record is not a run, and would block the next one.
    await folder.discard();
    throw error;
  }
  try {
    await runOptimizer({
      training,
      validation,
      options,
      settings,
      network: model.network,
      record,
      from: undefined,
    });
  } finally {
    folder.unlock();
  }
  return openRun(settings.out);
}

async function resume(dataset: Dataset, given: TrainOptions): Promise<Run> {
  const before = await openRun(given.out);
  checkFork(before.record, given);
  const options = resumedOptions(before, dataset, given);
  const { training, validation } = await rowsOf(dataset, options);
  const settings = trainingSettings(training, options);
  settings.standardization = before.record.standardize;
  const unlock = await resumeOut(settings.out);
  try {
    const network = await before.weights();
    const backend = await chooseBackend(
      settings.backend,
      startedAs(before.record) ?? startOptions(network, settings, training.rows),
    );
    const computing = computingOf(settings, network, backend);
    const from = await resumePoint(before, { backend, ...computing }, settings);
    if (from === undefined) {
      // Killed before its first checkpoint, so it starts again with the same options.
      unlock();
      const { from: origin, standardize } = before.record;
      const again = { ...options, resume: false, force: true };
      return await start(dataset, again, origin && { from: origin, standardize });
    }
    const record: RunRecord = {
      ...before.record,
      status: "running",
      backend,
      ...computing,
      options: optionsOf(settings, before.record.options),
      result: null,
    };
    record.command = trainCommandLine(record, settings.out, given);
    await writeRecord(settings.out, record);
    await runOptimizer({
      training,
      validation,
      options,
      settings,
      network: from.network,
      record,
      from,
    });
  } finally {
    unlock();
  }
  return openRun(settings.out);
}

/** The rows to train on, and the validation rows if there are any. */
async function rowsOf(
  dataset: Dataset,
  { validation, seed, signal }: TrainOptions,
): Promise<{ training: Dataset; validation: Dataset | undefined }> {
  // Fractions that cannot be are trainingSettings's to name.
  if (validation === undefined || !(validation > 0 && validation < 1)) {
    return { training: dataset, validation: undefined };
  }
  const [training, kept] = await dataset.split([1 - validation, validation], {
    ...(seed === undefined ? {} : { seed }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (training === undefined || kept === undefined || training.rows === 0 || kept.rows === 0) {
    throw usageError(
      (option) =>
        `${option("validation")} is ${validation}, which of the ${dataset.rows} rows of ${dataset.path} leaves none on one side.`,
    );
  }
  return { training, validation: kept };
}

/** The mean and standard deviation of the training rows' columns, by which they are standardised. */
async function standardizationFor(
  training: Dataset,
  settings: TrainingSettings,
  { signal, onProgress }: TrainOptions,
): Promise<TrainingSettings["standardization"]> {
  if (!settings.standardize) return null;
  return standardizationOf(
    await training.statistics({
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    }),
  );
}

function recordOf(
  dataset: Dataset,
  given: TrainOptions,
  settings: TrainingSettings,
  model: StartingModel,
  backend: string,
  from: ForkRecord | undefined,
): RunRecord {
  const about = {
    options: optionsOf(settings, { model: model.name, init: model.init }),
    dataset: {
      ...referenceTo(dataset),
      kind: dataset.manifest.kind,
      rows: dataset.rows,
      features: dataset.features,
      ...(isTable(dataset) && {
        columns: { features: [...dataset.featureNames], target: dataset.targetName },
      }),
    },
    backend,
    ...(from && { from }),
  };
  return {
    formatVersion: 1,
    status: "running",
    ...about,
    layers: widthsOf(model.network),
    parameters: countWeights(model.network),
    ...computingOf(settings, model.network, backend),
    standardize: settings.standardization,
    versions: { vadi: VERSION, tfjs: version_core, node: process.versions.node },
    command: trainCommandLine(about, settings.out, given),
    result: null,
  };
}

function isTable({ manifest }: Dataset): boolean {
  return manifest.kind === "table" || manifest.kind === "foreign";
}

/** How to start a backend for a network's training. */
function startOptions(network: Network, settings: TrainingSettings, rows: number): StartOptions {
  const spec = engineSpec(network, settings);
  return spec === undefined ? {} : startOptionsFor(spec, Math.min(settings.batchSize, rows));
}

/** The engine and number of threads of a run, on which the last bits of its weights depend. */
function computingOf(
  settings: TrainingSettings,
  network: Network,
  backend: string,
): { engine: string; threads: number } {
  const spec = engineSpec(network, settings);
  const engine = spec === undefined ? undefined : findEngine(spec, backend);
  if (settings.simd === "relaxed") checkRelaxed(engine?.name);
  return {
    engine: engine?.name ?? settings.optimizer,
    threads: engine?.threads?.() ?? currentBackend()?.threads ?? 1,
  };
}

/** Relaxed SIMD is one kernel's. Throws a usage error where that does not train the model, or cannot be compiled. */
function checkRelaxed(engine: string | undefined): void {
  if (engine === undefined) {
    throw usageError(
      (option) =>
        `${option("simd")} relaxed is for step optimisers of dense networks on ${option("backend")} wasm, with explicit gradients; leave it out here.`,
    );
  }
  try {
    compileKernel("train-relaxed");
  } catch {
    throw usageError(
      (option) =>
        `${option("simd")} relaxed needs Node 22 or later, not ${process.versions.node}; leave it out here.`,
    );
  }
}
