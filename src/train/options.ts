import path from "node:path";
import { usageError } from "../common/errors.js";
import { MAXIMUM_EPOCHS, SHUFFLE_MODES, type Dataset } from "../stream/index.js";
import { BACKEND_NAMES } from "./backend.js";
import { parseInit } from "./network.js";
import type { BackendName, RunRecord, TrainOptions } from "./types.js";

/** Lines of history that a run has at the most, unless `logEvery` says otherwise. */
const HISTORY_LINES = 2000;

/** The closed form keeps three D × D matrices of float64, 400 MB at so many features. */
const CLOSED_FORM_FEATURES = 4096;

const OPTIMIZERS = ["sgd", "gradient-descent", "closed-form"] as const;
const GRADIENTS = ["explicit", "autodiff"] as const;

/** Options that have been checked, with the defaults filled in. */
export type Settings = Omit<RunRecord["options"], "model"> & {
  /** Absolute. */
  out: string;
  scratch: string | undefined;
  backend: BackendName;
  force: boolean;
  /** Optimisation steps that the training takes. */
  steps: number;
};

/**
 * Checks training options against a dataset and fills in the defaults. What an optimiser does not
 * use (the shuffle of `gradient-descent`, say) is set to what it does.
 *
 * @throws a usage error that names the option
 */
export function settingsOf(dataset: Dataset, options: TrainOptions): Settings {
  const optimizer = oneOf("optimizer", options.optimizer ?? "sgd", OPTIMIZERS);
  const minibatches = optimizer === "sgd";
  const batchSize = whole("batch-size", options.batchSize ?? 10_000, 1);
  const dropLast = options.dropLast ?? false;
  const init = options.init ?? "uniform";
  parseInit(init);
  if (options.out === "") throw usageError("Name the run's folder with --out.");
  if (dropLast && !minibatches) {
    throw usageError(`--drop-last does not go with ${optimizer}, which takes all rows.`);
  }
  if (dropLast && batchSize > dataset.rows) {
    throw usageError(
      `--drop-last leaves no batch: the dataset has ${dataset.rows} rows, and --batch-size is ${batchSize}.`,
    );
  }
  const wantedEpochs = whole("epochs", options.epochs ?? 1, 0);
  if (wantedEpochs > MAXIMUM_EPOCHS) {
    throw usageError(`--epochs is ${wantedEpochs}; ${MAXIMUM_EPOCHS} is the most.`);
  }
  // The closed form is one pass, however many epochs are asked for.
  const epochs = optimizer === "closed-form" ? Math.min(1, wantedEpochs) : wantedEpochs;
  if (optimizer === "closed-form" && dataset.features > CLOSED_FORM_FEATURES) {
    throw usageError(
      `--optimizer closed-form takes at most ${CLOSED_FORM_FEATURES} features, since XᵀX grows with their square; ${dataset.path} has ${dataset.features}: choose another --optimizer.`,
    );
  }
  const batches = dataset.rows / batchSize;
  const stepsPerEpoch = minibatches ? (dropLast ? Math.floor(batches) : Math.ceil(batches)) : 1;
  const steps = epochs * stepsPerEpoch;
  const ridge = atLeast("ridge", options.ridge ?? 0, 0);
  if (ridge > 0 && optimizer !== "closed-form") {
    throw usageError(`--ridge goes with --optimizer closed-form only, not with ${optimizer}.`);
  }
  return {
    out: path.resolve(options.out),
    optimizer,
    learningRate: above("learning-rate", options.learningRate ?? 0.001, 0),
    batchSize,
    epochs,
    dropLast,
    shuffle: minibatches ? oneOf("shuffle", options.shuffle ?? "window", SHUFFLE_MODES) : "none",
    memory: whole("memory", options.memory ?? 256 * 2 ** 20, 1),
    scratch: options.scratch === undefined ? undefined : path.resolve(options.scratch),
    seed: whole("seed", options.seed ?? 42, 0),
    init,
    gradients: oneOf("gradients", options.gradients ?? "explicit", GRADIENTS),
    ridge,
    // The first and the last step are logged as well.
    logEvery: whole(
      "log-every",
      options.logEvery ?? Math.max(1, Math.ceil(steps / (HISTORY_LINES - 2))),
      1,
    ),
    backend: oneOf("backend", options.backend ?? "auto", BACKEND_NAMES),
    force: options.force ?? false,
    steps,
  };
}

function oneOf<T extends string>(option: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw usageError(`--${option} is ${value}; choose one of ${choices.join(", ")}.`);
}

function whole(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw usageError(`--${option} is ${value}; give a whole number from ${least} on.`);
}

function atLeast(option: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw usageError(`--${option} is ${value}; give a number from ${least} on.`);
}

function above(option: string, value: number, bound: number): number {
  if (Number.isFinite(value) && value > bound) return value;
  throw usageError(`--${option} is ${value}; give a number above ${bound}.`);
}
