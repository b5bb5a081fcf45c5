import { backendOptions } from "../backend/options.js";
import { choice, count, number, text, toggle } from "../common/options/kinds.js";
import { flag, optional, required, withDefault } from "../common/options/options.js";
import { modelOptions } from "../model/options.js";
import { batchOptions } from "../stream/options.js";
import { isStepOptimizer, optimizerOptions, STEP_OPTIMIZERS } from "./optimizers/options.js";

/** The step optimisers; gradient descent, one step per epoch on all rows; the linear model's exact optimum. */
export const OPTIMIZERS = [...STEP_OPTIMIZERS, "gradient-descent", "closed-form"] as const;

/** How weights are found. */
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** How the learning rate changes over the steps. */
export const SCHEDULES = ["constant", "step", "cosine"] as const;

export type ScheduleName = (typeof SCHEDULES)[number];

/** The options that a run records. A resumed run keeps those that change the result. */
export const trainingOptions = {
  ...modelOptions,
  optimizer: withDefault(
    choice(OPTIMIZERS),
    "sgd",
    "sgd, momentum, nesterov, rmsprop, adam, gradient-descent (all rows in each step), closed-form",
    { printed: "always" },
  ),
  learningRate: withDefault(number({ above: 0 }), 0.001, "Learning rate", {
    printed: "always",
    appliesTo: ({ optimizer }) => optimizer !== "closed-form",
  }),
  ...optimizerOptions,
  /** λ of the closed form's normal equations, XᵀX + λI. */
  ridge: withDefault(number({ least: 0 }), 0, "λ of closed-form: XᵀX + λI"),
  /** How the learning rate changes. */
  schedule: withDefault(
    choice(SCHEDULES),
    "constant",
    "Schedule of the learning rate: constant, step or cosine",
  ),
  /** Epochs between two drops of the schedule `step`. */
  stepSize: optional(count(1), "Schedule step: epochs between two drops", "a third of all", {
    appliesTo: ({ schedule }) => schedule === "step",
  }),
  /** What each drop of the schedule `step` multiplies by. */
  gamma: withDefault(number({ above: 0 }), 0.1, "Schedule step: factor of each drop", {
    printed: "always",
    appliesTo: ({ schedule }) => schedule === "step",
  }),
  /** Steps over which the learning rate rises to its full size. */
  warmup: withDefault(count(), 0, "Steps in which the learning rate rises to its full size"),
  /** Largest norm of all gradients together. */
  clipNorm: optional(
    number({ above: 0 }),
    "Largest norm of the gradient; a larger one is scaled down",
    "no clipping",
  ),
  /** Standardise features and target by the training rows' statistics. */
  standardize: withDefault(toggle, false, "Standardise features and target"),
  /** Fraction of the rows that are kept from training and measured after each epoch. */
  validation: withDefault(
    number({ least: 0, below: 1 }),
    0,
    "Fraction of the rows held out to measure each epoch",
  ),
  /** Stop after this many epochs without a smaller validation loss, and keep the best weights. */
  patience: optional(
    count(1),
    "Stop after this many epochs without a smaller validation loss",
    "never",
  ),
  /**
   * Rows per step. `gradient-descent` takes all rows in each step and streams them in batches of this size.
   */
  batchSize: withDefault(batchOptions.batchSize.kind, 10_000, "Rows per step", {
    printed: "always",
  }),
  dropLast: batchOptions.dropLast,
  /** Passes over the data; 0 writes the initial model. */
  epochs: withDefault(
    batchOptions.epochs.kind,
    1,
    "Passes over the data; 0 writes the initial model",
    { printed: "always" },
  ),
  shuffle: {
    ...batchOptions.shuffle,
    default: "window" as const,
    defaultText: "window; of s3:// and https:// buffer",
    printed: "always" as const,
    appliesTo: ({ optimizer }: Readonly<Record<string, unknown>>) => isStepOptimizer(optimizer),
  },
  bufferShards: batchOptions.bufferShards,
  memory: batchOptions.memory,
  seed: withDefault(batchOptions.seed.kind, 42, "Seed of the initial weights and of the shuffle", {
    printed: "always",
  }),
  /** `explicit` gradients written in tensor operations, or tfjs's automatic differentiation. */
  gradients: withDefault(
    choice(["explicit", "autodiff"]),
    "explicit",
    "explicit (fast) or autodiff (by TensorFlow.js)",
  ),
  /** Whether the kernel may fuse multiplications with additions. */
  simd: withDefault(
    choice(["fixed", "relaxed"]),
    "fixed",
    "fixed: the same bits everywhere; relaxed: faster, the same bits on one machine (Node 22)",
  ),
  /** Steps between two logged losses. Default: such that a run logs at most 2000 lines. */
  logEvery: optional(count(1), "Steps between two logged losses", "at most 2000 lines in all", {
    printed: "given",
  }),
  /** `30s`, `5min` or `1000steps` between checkpoints. */
  checkpointEvery: withDefault(
    text,
    "30s",
    "Time or steps between checkpoints: 30s, 5min, 1000steps",
    {
      changes: "speed",
      printed: "given",
    },
  ),
  /** Checkpoints that are kept. */
  keep: withDefault(count(1), 3, "How many checkpoints are kept", {
    changes: "speed",
    printed: "given",
  }),
};

/** The options of a run that say where and how it is computed. */
export const runOptions = {
  /** The run's folder; it must not exist or be empty, unless `force`. */
  out: required(text, "Folder to write the run to"),
  /**
   * `RUN` or `RUN@STEP`: start from the last weights of a run or from a snapshot in its `path/`, with its options where no
   * others are given. The optimiser and the schedule start anew.
   */
  from: optional(
    text,
    "Start from the weights of another run: RUN, or RUN@STEP",
    "initial weights",
  ),
  scratch: batchOptions.scratch,
  ...backendOptions,
  /**
   * Continue the run in `out` from its newest checkpoint. Options that are left out are the run's;
   * others must be the same. `epochs` may be larger where the schedule does not depend on them.
   */
  resume: flag("Continue the run in --out from its newest checkpoint"),
  /** Let a resumed run continue with another backend, engine or number of threads. */
  otherBackend: flag("Let --resume continue with another backend or engine"),
  /** Replace an existing run. */
  force: flag("Replace an existing run"),
};

/** The options of a file of predictions. */
export const predictOptions = {
  /** The folder of the file. */
  out: required(text, "Folder to write predictions.parquet or .arrow to"),
  format: withDefault(choice(["arrow", "parquet"]), "parquet", "File format: arrow or parquet"),
  ...backendOptions,
};

/** The options of an exported file of weights. */
export const exportOptions = {
  /** The file, NAME.safetensors. */
  out: required(text, "File to write, NAME.safetensors"),
  /** Replace an existing file. */
  force: flag("Replace an existing file"),
};
