import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { FilledOptions, GivenOptions } from "../common/options/options.js";
import type { OnProgress } from "../common/progress.js";
import type { DenseNetwork, Network } from "../model/index.js";
import type { DatasetReference, Standardization } from "../stream/index.js";
import type { runOptions, trainingOptions } from "./options.js";

/** How a model is trained, and where the run is written. */
export interface TrainOptions
  extends Omit<GivenOptions<typeof trainingOptions>, "model">, GivenOptions<typeof runOptions> {
  /**
   * `linear`, `mlp` (D→4D→2D→1), `mlp:H1,H2,…`, the path of a `model.json`, or a TensorFlow.js LayersModel, which
   * is not changed: any with one input of D numbers and one output of one number. Default `linear`.
   */
  model?: string | LayersModel;
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Called with the run's record before the first step. */
  onStart?: (record: RunRecord) => void;
}

/** The options of a run as they were used, defaults filled in. */
export type RecordedOptions = Omit<
  FilledOptions<typeof trainingOptions>,
  "stepSize" | "logEvery"
> & { stepSize: number; logEvery: number };

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

/** The result of a run that has ended. */
export interface RunResult {
  steps: number;
  epochs: number;
  rows: number;
  /** Mean squared error of the last logged step; of all rows for `closed-form`; null where it is not finite. */
  loss: number | null;
  seconds: number;
  rowsPerSecond: number;
  /** Fraction of the time in which training waited for data, 0 … 1. */
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

/** How well the validation rows are predicted. */
export interface ValidationMeasure {
  /** Mean squared error, in the units of the training loss. */
  loss: number;
  /** null for a constant target. */
  rSquared: number | null;
  /** Mean of |prediction − target|, in the target's own units; null in runs of earlier versions. */
  meanAbsoluteError: number | null;
}

/** Quality on the rows that were kept from training. */
export interface ValidationResult extends ValidationMeasure {
  /** The loss after each epoch, in the units of the training loss; `loss` is the smallest. */
  losses: number[];
  /** Everything that was measured after each epoch. */
  measures: ValidationMeasure[];
  /** The epoch after which it was measured, counted from 1. With `patience`, the weights are those. */
  epoch: number;
  rows: number;
  /** Whether training ended early. */
  stoppedEarly: boolean;
}

/** The run and the step whose weights another run started from. */
export interface ForkRecord {
  /** Its folder, absolute. */
  run: string;
  step: number;
}

/** run.json. */
export interface RunRecord {
  formatVersion: 1;
  status: "running" | "done" | "stopped" | "diverged";
  options: RecordedOptions;
  /** Layer widths from the features to the prediction: [D, …, 1]. */
  layers: number[];
  parameters: number;
  /** `path` is a hint: it is opened only if its fingerprint matches. */
  dataset: DatasetReference & {
    kind: string;
    rows: number;
    features: number;
    /** Of a table: the names of its columns. */
    columns?: { features: string[]; target: string };
  };
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
  /** Where the run started from another's weights. */
  from?: ForkRecord;
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
  /** What a user of the model should know, in sentences. */
  readonly warnings: readonly string[];
  /** The logged losses, in the order of the steps. */
  history(): Promise<HistoryRow[]>;
  /**
   * Predictions of the trained model for some validation rows, or training rows if there are none. Undefined for
   * runs that have not ended, and for those on synthetic data without validation.
   */
  predictions(): Promise<PredictionSample | undefined>;
  /** The trained weights as plain arrays: of the standardised rows, where the run standardises. */
  weights(): Promise<Network>;
  /** The same as dense layers; throws a failure where the model has others. */
  network(): Promise<DenseNetwork>;
  /** The TensorFlow.js model, which takes rows and predicts targets in their own units; dispose of it after use. */
  model(): Promise<LayersModel>;
}

/** Some targets and what the model predicts for them, in the target's units. */
export interface PredictionSample {
  target: number[];
  prediction: number[];
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
