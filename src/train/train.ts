import path from "node:path";
import { version_core } from "@tensorflow/tfjs-core";
import { shellWord } from "../common/command-line.js";
import { failure, interruption, throwIfAborted, usageError, VadiError } from "../common/errors.js";
import { VERSION } from "../common/version.js";
import { referenceTo, type Dataset } from "../stream/index.js";
import { chooseBackend, currentBackend } from "./backend.js";
import { closedForm } from "./closed-form.js";
import { findEngine } from "./engine.js";
import { gradientDescent } from "./gradient-descent.js";
import { createJournal, readJournal, writeHistoryTable } from "./history.js";
import type { Job, Optimizer, TrainingState } from "./job.js";
import { modelToNetwork } from "./layers-model.js";
import { engineSpec, trainByMinibatches } from "./minibatches.js";
import { loadNetwork, saveNetwork } from "./model-files.js";
import {
  countWeights,
  initialNetwork,
  isFiniteNetwork,
  layerWidths,
  parseInit,
  widthsOf,
} from "./network.js";
import { settingsOf } from "./options.js";
import type { Settings } from "./options.js";
import { commandOf, GIVEN } from "./record.js";
import { checkOut, openRun, prepareOut, RUN_FILES, writeRecord } from "./run-folder.js";
import type {
  DenseNetwork,
  OptimizerName,
  Run,
  RunRecord,
  RunResult,
  TrainOptions,
} from "./types.js";

/** Shortest time between two reports of progress, in milliseconds. */
const REPORT_EVERY = 100;

const OPTIMIZERS: Readonly<Record<OptimizerName, Optimizer>> = {
  sgd: trainByMinibatches,
  "gradient-descent": gradientDescent,
  "closed-form": closedForm,
};

/**
 * Trains a model on a dataset that is streamed from disk, and writes the run's folder: run.json,
 * model/, history.jsonl and, in the end, history.parquet. The same dataset, options and seed give
 * the same bytes of weights.
 *
 * @throws a usage error for options that cannot be and for a folder that is taken, before anything
 *   is written; a failure where files cannot be read or written, where the closed form's equations
 *   are singular, or where training diverges (the run's status is then `diverged`); an interruption
 *   once `signal` is aborted (`stopped`; the model after the last whole step is in the folder)
 */
export async function train(dataset: Dataset, options: TrainOptions): Promise<Run> {
  const settings = settingsOf(dataset, options);
  const backend = await chooseBackend(settings.backend);
  const model = await startingModel(dataset, options, settings);
  await checkOut(settings.out, settings.force);
  throwIfAborted(options.signal);

  const unlock = await prepareOut(settings.out, settings.force);
  try {
    if (model.copied) await saveNetwork(path.join(settings.out, RUN_FILES.initial), model.network);
    await saveNetwork(path.join(settings.out, RUN_FILES.model), model.network);
    const record = recordOf(dataset, options, settings, model, backend);
    await writeRecord(settings.out, record);
    await runOptimizer(dataset, options, settings, model.network, record);
  } finally {
    unlock();
  }
  return openRun(settings.out);
}

interface StartingModel {
  /** How run.json names it. */
  name: string;
  network: DenseNetwork;
  /** `given` where the weights came with the model. */
  init: string;
  /** Whether the run keeps a copy of the initial weights, since no name leads back to them. */
  copied: boolean;
}

async function startingModel(
  dataset: Dataset,
  { model }: TrainOptions,
  settings: Settings,
): Promise<StartingModel> {
  const { out, init, seed, optimizer } = settings;
  const isPath = typeof model === "string" && (model.endsWith(".json") || /[\\/]/.test(model));
  let starting: StartingModel;
  if (typeof model === "string" && !isPath) {
    const network = initialNetwork(layerWidths(model, dataset.features), parseInit(init), seed);
    starting = { name: model, network, init, copied: false };
  } else {
    const file = typeof model === "string" ? path.resolve(model) : undefined;
    const network =
      typeof model === "string" ? await loadNetwork(path.resolve(model)) : modelToNetwork(model);
    // A model inside the run's own folder would be replaced together with it.
    const copied = file === undefined || !path.relative(out, file).startsWith("..");
    const name = copied ? path.join(out, RUN_FILES.initial, "model.json") : file;
    starting = { name, network, init: GIVEN, copied };
  }
  const { network } = starting;
  if (network[0]!.inputs !== dataset.features) {
    throw usageError(
      `The model takes ${network[0]!.inputs} features, but the dataset ${dataset.path} has ${dataset.features}.`,
    );
  }
  if (optimizer === "closed-form" && !isLinear(network)) {
    throw usageError("There is a closed form for --model linear only; choose another --optimizer.");
  }
  return starting;
}

function isLinear(network: DenseNetwork): boolean {
  return network.length === 1 && network[0]!.activation === "linear";
}

function recordOf(
  dataset: Dataset,
  given: TrainOptions,
  settings: Settings,
  model: StartingModel,
  backend: string,
): RunRecord {
  const about = {
    options: {
      model: model.name,
      optimizer: settings.optimizer,
      learningRate: settings.learningRate,
      batchSize: settings.batchSize,
      epochs: settings.epochs,
      dropLast: settings.dropLast,
      shuffle: settings.shuffle,
      memory: settings.memory,
      seed: settings.seed,
      init: model.init,
      gradients: settings.gradients,
      ridge: settings.ridge,
      logEvery: settings.logEvery,
    },
    dataset: {
      ...referenceTo(dataset),
      kind: dataset.manifest.kind,
      rows: dataset.rows,
      features: dataset.features,
    },
    backend,
  };
  return {
    formatVersion: 1,
    status: "running",
    ...about,
    layers: widthsOf(model.network),
    parameters: countWeights(model.network),
    threads: threadsOf(settings, model.network, backend),
    versions: { vadi: VERSION, tfjs: version_core, node: process.versions.node },
    command: commandOf(about, settings.out, given),
    result: null,
  };
}

/** Threads that compute; the closed form's and gradient descent's are the backend's. */
function threadsOf(settings: Settings, network: DenseNetwork, backend: string): number {
  const engine =
    settings.optimizer === "sgd" ? findEngine(engineSpec(network, settings), backend) : undefined;
  return engine?.threads?.() ?? currentBackend()?.threads ?? 1;
}

/** Runs the optimiser and, however it ends, leaves the model, the history and the record of what was done. */
async function runOptimizer(
  dataset: Dataset,
  options: TrainOptions,
  settings: Settings,
  network: DenseNetwork,
  record: RunRecord,
): Promise<void> {
  const { out, optimizer, learningRate, epochs, steps } = settings;
  const state: TrainingState = { network, steps: 0, epochs: 0, rows: 0, waitedSeconds: 0 };
  const journal = createJournal(path.join(out, RUN_FILES.journal));
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  let loss: number | null = null;
  let diverged = false;
  let reported = started;

  function progress(rows: number): void {
    const latest = loss === null ? {} : { loss };
    options.onProgress?.(
      optimizer === "sgd"
        ? { phase: "training", done: state.steps, total: steps, unit: "steps", rows, ...latest }
        : { phase: "training", done: rows, total: epochs * dataset.rows, unit: "rows", ...latest },
    );
  }

  const job: Job = {
    dataset,
    settings,
    state,
    backend: record.backend,
    signal: options.signal,
    isLogged: (step) => step === 1 || step === steps || step % settings.logEvery === 0,
    log(step, epoch, rows, measured) {
      if (!Number.isFinite(measured)) {
        diverged = true;
        loss = null;
        throw divergence(`the loss of step ${step} (epoch ${epoch}) is not finite`, learningRate);
      }
      loss = measured;
      journal.write({ step, epoch, rows, loss, learningRate, seconds: elapsed() });
    },
    report(rows) {
      const now = performance.now();
      if (now - reported < REPORT_EVERY) return;
      reported = now;
      progress(rows);
    },
  };

  let problem: unknown;
  try {
    if (epochs > 0) await OPTIMIZERS[optimizer](job);
    if (!isFiniteNetwork(state.network)) {
      diverged = true;
      throw divergence(`a weight is not finite after step ${state.steps}`, learningRate);
    }
    progress(state.rows);
  } catch (error) {
    problem = error;
  }
  const seconds = elapsed();
  const result: RunResult = {
    steps: state.steps,
    epochs: state.epochs,
    rows: state.rows,
    loss,
    seconds,
    rowsPerSecond: seconds > 0 ? state.rows / seconds : 0,
    waitedForData: seconds > 0 ? Math.min(1, state.waitedSeconds / seconds) : 0,
    ...(isLinear(network) && isFiniteNetwork(state.network)
      ? { weights: [...state.network[0]!.weights] }
      : {}),
  };
  try {
    journal.close();
    await saveNetwork(path.join(out, RUN_FILES.model), state.network);
    const rows = await readJournal(path.join(out, RUN_FILES.journal));
    await writeHistoryTable(path.join(out, RUN_FILES.history), rows);
    const status = problem === undefined ? "done" : diverged ? "diverged" : "stopped";
    await writeRecord(out, { ...record, status, result });
  } catch (error) {
    // What ended the training says more than what its ending ran into.
    throw problem ?? error;
  }
  if (problem instanceof VadiError && problem.kind === "interrupted") {
    const again =
      state.steps === 0
        ? "the same command with --force starts it again"
        : `the model so far is in ${out}: another --out with --model ${shellWord(path.join(out, RUN_FILES.model, "model.json"))} trains on from it`;
    throw interruption(`Training was interrupted after step ${state.steps} of ${steps}; ${again}.`);
  }
  if (problem !== undefined) throw problem;
}

function divergence(what: string, learningRate: number): VadiError {
  return failure(
    `Training diverged: ${what} with learning rate ${learningRate}; try a smaller one, for instance --learning-rate ${Number((learningRate / 10).toPrecision(3))}.`,
  );
}
