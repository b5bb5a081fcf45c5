import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { OnProgress } from "../../common/progress.js";
import type { DatasetReference, ShuffleMode, Standardization } from "../../stream/index.js";
import type { StepOptimizerName } from "../optimizers/index.js";
import type { ScheduleName } from "./schedule.js";
import type { Activation, DenseNetwork, Network } from "../../model/index.js";
import type { BackendName } from "../../backend/index.js";

/** The step optimisers; gradient descent, a step an epoch on all rows; the linear model's exact optimum. */
export type OptimizerName = StepOptimizerName | "gradient-descent" | "closed-form";

export interface TrainOptions {
  /** The run's folder; it must not exist or be empty, unless `force`. */
  out: string;
  /**
   * `linear`, `mlp` (D→4D→2D→1), `mlp:H1,H2,…`, the path of a `model.json`, or a tfjs LayersModel, which
   * stays as it is: any of one input of D numbers and one output of one. Default `linear`.
   */
  model?: string | LayersModel;
  /** Default `sgd`. */
  optimizer?: OptimizerName;
  /** Default 0.001. */
  learningRate?: number;
  /** Rows a step. Default 10 000. `gradient-descent` takes all rows a step and streams them in batches of this size. */
  batchSize?: number;
  /** Default 1. 0 writes the initial model. */
  epochs?: number;
  /** Leave out an epoch's last batch where it is smaller. Default false. */
  dropLast?: boolean;
  /** Default `window`. */
  shuffle?: ShuffleMode;
  /** Bytes of read-ahead and shuffle buffers. Default 256 MiB. */
  memory?: number;
  scratch?: string;
  /** Seed of the initial weights and of the shuffle. Default 42. */
  seed?: number;
  /** `uniform` U(−1/√fanIn, 1/√fanIn), `normal:S` S·N(0,1), `glorot` U(±√(6/(fanIn+fanOut))). Default `uniform`. */
  init?: string;
  /** `explicit` gradients written in tensor operations, or tfjs's automatic differentiation. Default `explicit`. */
  gradients?: "explicit" | "autodiff";
  /** λ of the closed form's normal equations, XᵀX + λI. Default 0. */
  ridge?: number;
  /** Whether the layers of `linear` and `mlp` have biases. Default false. */
  bias?: boolean;
  /** The hidden layers' activation in `mlp`. Default `relu`. */
  activation?: Activation;
  /** µ of momentum and nesterov. Default 0.9. */
  momentum?: number;
  /** α of rmsprop. Default 0.99. */
  alpha?: number;
  /** β₁ of adam. Default 0.9. */
  beta1?: number;
  /** β₂ of adam. Default 0.999. */
  beta2?: number;
  /** ε of rmsprop and adam. Default 1e-8. */
  epsilon?: number;
  /** λ: λw joins every gradient (L2, as PyTorch's optimisers have it). Default 0. */
  weightDecay?: number;
  /** How the learning rate changes. Default `constant`. */
  schedule?: ScheduleName;
  /** Steps over which the learning rate rises to its full size. Default 0. */
  warmup?: number;
  /** Epochs between two drops of the schedule `step`. Default: a third of all. */
  stepSize?: number;
  /** What each drop of the schedule `step` multiplies by. Default 0.1. */
  gamma?: number;
  /** Largest norm of all gradients together. Default: no clipping. */
  clipNorm?: number;
  /** Standardise features and target by the training rows' statistics. Default false. */
  standardize?: boolean;
  /** Fraction of the rows that are kept from training and measured after each epoch. Default 0. */
  validation?: number;
  /** Stop after so many epochs without a smaller validation loss, and keep the best weights. */
  patience?: number;
  /** `30s`, `5min` or `1000steps` between checkpoints. Default `30s`. */
  checkpointEvery?: string;
  /** Checkpoints that are kept. Default 3. */
  keep?: number;
  /**
   * Go on with the run in `out` from its newest checkpoint. Options that are left out are the run's;
   * others must be the same. `epochs` may be larger where the schedule does not depend on them.
   */
  resume?: boolean;
  /** Let a resumed run go on with another backend, engine or number of threads. Default false. */
  otherBackend?: boolean;
  backend?: BackendName;
  /** Log the loss every so many steps. Default: such that a run logs at most 2000 lines. */
  logEvery?: number;
  /** Replace an existing run. */
  force?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Told what has been chosen, before the first step. */
  onStart?: (record: RunRecord) => void;
}

/** One line of history.jsonl. */
export interface HistoryRow {
  /** Optimisation steps taken when the loss was measured, this one included; counted from 1. */
  step: number;
  /** The epoch of the step, counted from 0. */
  epoch: number;
  /** Rows seen so far. */
  rows: number;
  /** Mean squared error of the step's batch before its update. */
  loss: number;
  learningRate: number;
  /** Seconds since training started. */
  seconds: number;
}

/** What a finished run is judged by. */
export interface RunResult {
  steps: number;
  epochs: number;
  rows: number;
  /** Mean squared error of the last logged step; of all rows for `closed-form`. */
  loss: number | null;
  seconds: number;
  rowsPerSecond: number;
  /** Fraction of the time in which the step waited for data, 0 … 1. */
  waitedForData: number;
  /** The trained weights where the model is linear: D numbers. */
  weights?: number[];
  /** The bias of a linear model that has one. */
  bias?: number;
  /** Losses of the validation rows. */
  validation?: ValidationResult;
  /** Where the run standardises: how far the predictions of `model/` are off. */
  folding?: FoldingError;
}

/** Losses of the rows that were kept from training, in the units of the training loss. */
export interface ValidationResult {
  /** After each epoch. */
  losses: number[];
  /** The smallest. */
  loss: number;
  /** The epoch after which it was measured, counted from 1. With `patience`, the weights are those. */
  epoch: number;
  rows: number;
  /** Whether training ended early. */
  stoppedEarly: boolean;
}

/** run.json. */
export interface RunRecord {
  formatVersion: 1;
  status: "running" | "done" | "stopped" | "diverged";
  /** Every option as it was used, defaults filled in. */
  options: {
    model: string;
    optimizer: OptimizerName;
    learningRate: number;
    batchSize: number;
    epochs: number;
    dropLast: boolean;
    shuffle: ShuffleMode;
    memory: number;
    seed: number;
    init: string;
    gradients: "explicit" | "autodiff";
    ridge: number;
    logEvery: number;
    bias: boolean;
    activation: Activation;
    momentum: number;
    alpha: number;
    beta1: number;
    beta2: number;
    epsilon: number;
    weightDecay: number;
    schedule: ScheduleName;
    warmup: number;
    stepSize: number;
    gamma: number;
    clipNorm: number | null;
    standardize: boolean;
    validation: number;
    patience: number | null;
    checkpointEvery: string;
    keep: number;
  };
  /** Layer widths from the features to the prediction: [D, …, 1]. */
  layers: number[];
  parameters: number;
  /** `path` is a hint: it is opened only if its fingerprint matches. */
  dataset: DatasetReference & { kind: string; rows: number; features: number };
  backend: string;
  /** How the steps were computed. */
  engine: string;
  threads: number;
  /**
   * What the rows were standardised with; null: not at all. The weights in `weights/`, `checkpoints/`
   * and `path/` are those of the standardised rows; in `model/` the standardisation is folded in.
   */
  standardize: Standardization | null;
  versions: { vadi: string; tfjs: string; node: string };
  /** The same settings as a command line. */
  command: string;
  /** Sentences about the rows that were trained on. */
  warnings?: readonly string[];
  result: RunResult | null;
}

/** A trained (or training) model and its history, in a folder. */
export interface Run {
  /** The folder, absolute. */
  readonly dir: string;
  readonly record: RunRecord;
  /** Sentences that the model's user should know. */
  readonly warnings: readonly string[];
  history(): Promise<HistoryRow[]>;
  /** The trained weights as plain arrays: of the standardised rows, where the run standardises. */
  weights(): Promise<Network>;
  /** The same as dense layers; throws a failure where the model has others. */
  network(): Promise<DenseNetwork>;
  /** The tfjs model, from rows and to targets in their own units; dispose of it after use. */
  model(): Promise<LayersModel>;
}

/** How far predictions of `model/`, whose float32 weights hold the standardisation, are off. */
export interface FoldingError {
  /** The largest difference from the trained network's predictions, in the target's units. */
  largest: number;
  /** The target's standard deviation, in the same units. */
  spread: number;
  /** Rows on which it was measured: the first that were trained on. */
  rows: number;
}
