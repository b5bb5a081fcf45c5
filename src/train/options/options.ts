import path from "node:path";
import { usageError } from "../../common/errors.js";
import { MAXIMUM_EPOCHS, SHUFFLE_MODES } from "../../stream/index.js";
import type { BatchOptions, Dataset, Standardization } from "../../stream/index.js";
import { BACKEND_NAMES } from "../../backend/index.js";
import { parseInit } from "../../model/index.js";
import { isStepOptimizer, OPTIMIZER_DEFAULTS, STEP_OPTIMIZERS } from "../optimizers/index.js";
import { SCHEDULES } from "./schedule.js";
import type { BackendName } from "../../backend/index.js";
import type { RunRecord, TrainOptions } from "./types.js";

/** Lines of history that a run has at the most, unless `logEvery` says otherwise. */
const HISTORY_LINES = 2000;

/** The closed form keeps three D × D matrices of float64, 400 MB at so many features. */
const CLOSED_FORM_FEATURES = 4096;

const OPTIMIZERS = [...STEP_OPTIMIZERS, "gradient-descent", "closed-form"] as const;
const ACTIVATION_NAMES = ["linear", "relu", "tanh", "sigmoid"] as const;
const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };
const GRADIENTS = ["explicit", "autodiff"] as const;

/** Options that have been checked, with the defaults filled in. */
export type Settings = Omit<RunRecord["options"], "model"> & {
  /** Absolute. */
  out: string;
  scratch: string | undefined;
  backend: BackendName;
  force: boolean;
  resume: boolean;
  otherBackend: boolean;
  /** Optimisation steps that the training takes. */
  steps: number;
  stepsPerEpoch: number;
  checkpointInterval: CheckpointInterval;
  /** What the rows are standardised with; found by a pass over them. */
  standardization: Standardization | null;
};

/** Time or steps between two checkpoints. */
export type CheckpointInterval = { seconds: number } | { steps: number };

/**
 * Checks training options against a dataset and fills in the defaults. What an optimiser does not
 * use (the shuffle of `gradient-descent`, say) is set to what it does.
 *
 * @throws a usage error that names the option
 */
export function settingsOf(
  dataset: Pick<Dataset, "rows" | "features" | "path">,
  options: TrainOptions,
): Settings {
  const optimizer = oneOf("optimizer", options.optimizer ?? "sgd", OPTIMIZERS);
  const minibatches = isStepOptimizer(optimizer);
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
  const validation = atLeast("validation", options.validation ?? 0, 0);
  if (validation >= 1) {
    throw usageError(`--validation is ${validation}; give a fraction of the rows below 1.`);
  }
  const patience = options.patience === undefined ? null : whole("patience", options.patience, 1);
  if (patience !== null && validation === 0) {
    throw usageError("--patience needs rows to measure: give --validation 0.1, for instance.");
  }
  const clipNorm = options.clipNorm === undefined ? null : above("clip-norm", options.clipNorm, 0);
  const weightDecay = atLeast("weight-decay", options.weightDecay ?? 0, 0);
  if (!minibatches && (clipNorm !== null || weightDecay > 0 || validation > 0)) {
    const name = clipNorm !== null ? "clip-norm" : weightDecay > 0 ? "weight-decay" : "validation";
    throw usageError(
      `--${name} does not go with ${optimizer}; choose one of ${STEP_OPTIMIZERS.join(", ")}.`,
    );
  }
  const checkpointEvery = options.checkpointEvery ?? "30s";
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
    bias: options.bias ?? false,
    activation: oneOf("activation", options.activation ?? "relu", ACTIVATION_NAMES),
    momentum: fraction("momentum", options.momentum ?? OPTIMIZER_DEFAULTS.momentum),
    alpha: fraction("alpha", options.alpha ?? OPTIMIZER_DEFAULTS.alpha),
    beta1: fraction("beta1", options.beta1 ?? OPTIMIZER_DEFAULTS.beta1),
    beta2: fraction("beta2", options.beta2 ?? OPTIMIZER_DEFAULTS.beta2),
    epsilon: above("epsilon", options.epsilon ?? OPTIMIZER_DEFAULTS.epsilon, 0),
    weightDecay,
    schedule: oneOf("schedule", options.schedule ?? "constant", SCHEDULES),
    warmup: whole("warmup", options.warmup ?? 0, 0),
    stepSize: whole("step-size", options.stepSize ?? Math.max(1, Math.ceil(epochs / 3)), 1),
    gamma: above("gamma", options.gamma ?? 0.1, 0),
    clipNorm,
    standardize: options.standardize ?? false,
    validation,
    patience,
    checkpointEvery,
    checkpointInterval: parseInterval(checkpointEvery),
    keep: whole("keep", options.keep ?? 3, 1),
    backend: oneOf("backend", options.backend ?? "auto", BACKEND_NAMES),
    force: options.force ?? false,
    resume: options.resume ?? false,
    otherBackend: options.otherBackend ?? false,
    standardization: null,
    steps,
    stepsPerEpoch,
  };
}

/** Reads `30s`, `5min`, `2h` or `1000steps`. */
export function parseInterval(text: string): CheckpointInterval {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(s|min|h|steps?)$/.exec(text) ?? [];
  const value = Number(number);
  const isSteps = unit.startsWith("step");
  if (!(value > 0) || (isSteps && !Number.isInteger(value))) {
    throw usageError(
      `--checkpoint-every is ${text}; give a time or a number of steps, for instance 30s or 1000steps.`,
    );
  }
  return isSteps ? { steps: value } : { seconds: value * (SECONDS[unit] ?? 1) };
}

function fraction(option: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw usageError(`--${option} is ${value}; give a number from 0 to below 1.`);
}

/** How rows are streamed to the steps. */
export function batchOptionsOf(settings: Settings, signal: AbortSignal | undefined): BatchOptions {
  const { batchSize, shuffle, seed, epochs, dropLast, memory, scratch, standardization } = settings;
  return {
    batchSize,
    shuffle,
    seed,
    epochs,
    dropLast,
    memory,
    recycle: true,
    ...(scratch === undefined ? {} : { scratch }),
    ...(standardization === null ? {} : { standardize: standardization }),
    ...(signal === undefined ? {} : { signal }),
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
