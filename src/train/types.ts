import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { OnProgress } from "../common/progress.js";
import type { DatasetReference, ShuffleMode } from "../stream/index.js";

/** What this release trains with; later optimisers join this list. */
export type OptimizerName = "sgd" | "gradient-descent" | "closed-form";

/** `wasm` and `cpu` are always here, the others by `vadi backend install`; `auto` takes the best that works. */
export type BackendName = "auto" | "tfjs-node-gpu" | "tfjs-node" | "webgpu" | "wasm" | "cpu";

/** What a dense layer does to its sums. */
export type Activation = "linear" | "relu" | "tanh" | "sigmoid";

/** One dense layer: activation(input · weights + bias). */
export interface DenseLayer {
  inputs: number;
  outputs: number;
  activation: Activation;
  /** inputs × outputs, row-major, as tfjs keeps a kernel. */
  weights: Float32Array;
  /** One number an output; a layer without a bias has none. */
  bias?: Float32Array;
}

/** A stack of dense layers from D features to one prediction. One layer is the linear model. */
export type DenseNetwork = DenseLayer[];

export interface TrainOptions {
  /** The run's folder; it must not exist or be empty, unless `force`. */
  out: string;
  /** `linear`, `mlp` (D→4D→2D→1), `mlp:H1,H2,…`, or a tfjs LayersModel of dense layers. */
  model: string | LayersModel;
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
  /** Adds λ‖w‖² · N/2 … to the closed form's normal equations: XᵀX + λI. Default 0. */
  ridge?: number;
  backend?: BackendName;
  /** Log the loss every so many steps. Default: such that a run logs at most 2000 lines. */
  logEvery?: number;
  /** Replace an existing run. */
  force?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
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
  };
  /** Layer widths from the features to the prediction: [D, …, 1]. */
  layers: number[];
  parameters: number;
  /** `path` is a hint: it is opened only if its fingerprint matches. */
  dataset: DatasetReference & { kind: string; rows: number; features: number };
  backend: string;
  threads: number;
  versions: { vadi: string; tfjs: string; node: string };
  /** The same settings as a command line. */
  command: string;
  result: RunResult | null;
}

/** A trained (or training) model and its history, in a folder. */
export interface Run {
  /** The folder, absolute. */
  readonly dir: string;
  readonly record: RunRecord;
  history(): Promise<HistoryRow[]>;
  /** The weights as plain arrays. */
  network(): Promise<DenseNetwork>;
  /** The tfjs model; dispose of it after use. */
  model(): Promise<LayersModel>;
}
