import { failure } from "../common/errors.js";
import { fusedEngine } from "./fused/index.js";
import type { BatchRows } from "./gradients.js";
import { graphEngine, nativeEngine } from "./native/engine.js";
import type { OptimizerSettings } from "./optimizers/index.js";
import { tensorEngine } from "./tensor-engine.js";
import type { DenseNetwork, LayersNetwork } from "./types.js";

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

/** All engines, the fastest first; the last takes everything. */
const ENGINES: readonly EngineKind[] = [graphEngine, nativeEngine, fusedEngine, tensorEngine];

/** Names of the engines, for options. */
export const ENGINE_NAMES: readonly string[] = ["auto", ...ENGINES.map(({ name }) => name)];

/** Whether the last bits of an engine's steps depend on the number of threads. */
export function dependsOnThreads(name: string): boolean {
  return ENGINES.find((engine) => engine.name === name)?.anyThreads !== true;
}

/** The fastest engine that takes a model and an optimiser on a backend; undefined where none does. */
export function findEngine(
  spec: EngineSpec,
  backend: string,
  name = "auto",
): EngineKind | undefined {
  return ENGINES.find(
    (engine) => (name === "auto" || engine.name === name) && engine.takes(spec, backend),
  );
}

/**
 * Makes the fastest engine that takes a model and an optimiser on a backend.
 *
 * @param name `auto`, or the one engine that may be taken
 * @throws a failure where that engine does not take them
 */
export async function createEngine(
  spec: EngineSpec,
  backend: string,
  name = "auto",
): Promise<TrainingEngine> {
  const kind = findEngine(spec, backend, name);
  if (kind === undefined) {
    throw failure(
      `The engine ${name} does not train this model by ${spec.optimizer.name} on the backend ${backend}; leave out --engine, or choose one of ${ENGINE_NAMES.join(", ")}.`,
    );
  }
  return kind.create(spec);
}
