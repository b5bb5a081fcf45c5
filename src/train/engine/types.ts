import type { BatchRows, DenseNetwork, LayersNetwork } from "../../model/index.js";
import type { OptimizerSettings } from "../optimizers/index.js";
/**
 * A model that can be trained: dense layers, or a tfjs model of one input of D numbers and one output,
 * with the seed of its random layers.
 */
export type TrainableModel =
  | { kind: "dense"; network: DenseNetwork }
  | { kind: "layers"; network: LayersNetwork; seed: number };

/** The specification of an engine. */
export interface EngineSpec {
  /** The model with the weights to start from. */
  model: TrainableModel;
  optimizer: OptimizerSettings;
  /** The largest norm of all gradients together; undefined: no clipping. */
  clipNorm: number | undefined;
  /** `autodiff`: tfjs's automatic differentiation. `explicit`: backpropagation by the engine. */
  gradients: "explicit" | "autodiff";
  /** `relaxed`: multiplications may be fused with additions, which rounds once. Default `fixed`. */
  simd?: "fixed" | "relaxed";
}

export interface StepOptions {
  learningRate: number;
  /** Whether to return the step's loss. */
  measure: boolean;
}

/**
 * Everything that the next steps depend on. Parameters are in the model's order: kernel and bias of each
 * dense layer; for a LayersModel its trained weights, then the others.
 */
export interface EngineState {
  /** Steps taken so far; Adam's bias correction depends on them. */
  step: number;
  weights: Float32Array[];
  /** For each slot of the optimiser's rule, one array for each trained parameter. */
  slots: Record<string, Float32Array[]>;
}

/**
 * A model and its optimiser on a backend. A step is a forward and a backward pass, clipping, and the update
 * (see `optimizers/`). The same batches from the same state give the same state, bit for bit, on the same
 * engine, backend and number of threads.
 */
export interface TrainingEngine {
  /** The name of its `EngineKind`. */
  readonly name: string;
  /**
   * One optimisation step on the mean squared error of a batch. The batch's arrays may be reused once this
   * has returned, or once the returned promise has resolved. Without `measure`, nothing is read back from
   * the backend.
   *
   * @returns with `measure` the batch's loss before the update, summed in float64
   */
  step(batch: BatchRows, options: StepOptions): Promise<number | undefined> | number | undefined;
  /** Returns a copy of the state. */
  export(): Promise<EngineState>;
  /** Restores a state that an engine of the same model and optimiser has exported. */
  restore(state: EngineState): void;
  dispose(): void | Promise<void>;
}

/** A way to compute steps. */
export interface EngineKind {
  readonly name: string;
  /** Whether it can train this model by this optimiser on this tfjs backend. */
  takes(spec: EngineSpec, backend: string): boolean;
  /** How many threads it uses, where that is not the backend's number. */
  threads?(): number;
  /** Set where steps give the same bits with any number of threads. */
  readonly anyThreads?: true;
  /** Uploads the model to the current backend. */
  create(spec: EngineSpec): Promise<TrainingEngine>;
}
