import type { BatchRows, DenseNetwork, LayersNetwork } from "../../model/index.js";
import type { OptimizerSettings } from "../optimizers/index.js";
/**
 * What can be trained: dense layers, or any tfjs model of one input of D and one output, with the seed
 * of what its layers draw.
 */
export type TrainableModel =
  | { kind: "dense"; network: DenseNetwork }
  | { kind: "layers"; network: LayersNetwork; seed: number };

/** What an engine is made from. */
export interface EngineSpec {
  /** The model with the weights to start from. */
  model: TrainableModel;
  optimizer: OptimizerSettings;
  /** The largest norm of all gradients together; undefined: no clipping. */
  clipNorm: number | undefined;
  /** `autodiff` asks for tfjs's own differentiation; `explicit` leaves the way to the engine. */
  gradients: "explicit" | "autodiff";
}

export interface StepOptions {
  learningRate: number;
  /** Whether the step's loss is wanted. */
  measure: boolean;
}

/**
 * Everything that the next steps depend on. Parameters stand in the model's order: kernel and bias
 * of each dense layer; of a LayersModel its trained weights, then those that are not trained.
 */
export interface EngineState {
  /** Steps taken, which Adam's bias correction depends on. */
  step: number;
  weights: Float32Array[];
  /** For each slot of the optimiser's rule, one array a trained parameter. */
  slots: Record<string, Float32Array[]>;
}

/**
 * A model and its optimiser on a backend, moved on by whole steps: forward, backward, clipping,
 * update (see `optimizers/`). The same batches from the same state give the same state, bit for
 * bit, on the same engine, backend and number of threads.
 */
export interface TrainingEngine {
  /** The name of its kind. */
  readonly name: string;
  /**
   * One optimisation step on the mean squared error of a batch. The batch's arrays are free when it
   * has resolved, or returned if it gives no promise. Nothing is read back unless `measure` asks.
   *
   * @returns with `measure` the batch's loss before the update, summed in float64
   */
  step(batch: BatchRows, options: StepOptions): Promise<number | undefined> | number | undefined;
  /** Reads the state back, as copies. */
  export(): Promise<EngineState>;
  /** Goes on from a state that an engine of the same model and optimiser has exported. */
  restore(state: EngineState): void;
  dispose(): void | Promise<void>;
}

/** A way to take steps. */
export interface EngineKind {
  readonly name: string;
  /** Whether it takes this model and optimiser on this tfjs backend. */
  takes(spec: EngineSpec, backend: string): boolean;
  /** How many threads it computes with, where that is not the backend's own number. */
  threads?(): number;
  /** Whether steps give the same bits with any number of threads. */
  readonly anyThreads?: true;
  /** Puts the model on the current backend. */
  create(spec: EngineSpec): Promise<TrainingEngine>;
}
