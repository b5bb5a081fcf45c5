import type { Dataset, LoaderState } from "../../stream/index.js";
import type { EngineState } from "../engine/types.js";
import type { TrainingSettings } from "../resolve-options.js";
import type { Network } from "../../model/index.js";

/** How far a training is. An optimiser updates it after every step. */
export interface TrainingState {
  /** The weights after the last complete step; updated when the optimiser ends. */
  network: Network;
  /** The same with the optimiser's slots; undefined before the optimiser has ended. */
  engine: EngineState | undefined;
  /** The loader's state after the last complete step; undefined before the first. */
  loader: LoaderState | undefined;
  steps: number;
  /** Complete epochs. */
  epochs: number;
  /** Rows of all complete steps. */
  rows: number;
  /** Seconds for which steps have waited for data. */
  waitedSeconds: number;
}

/** What an optimiser works on. */
export interface Job {
  /** The rows to train on. */
  readonly dataset: Dataset;
  readonly settings: TrainingSettings;
  readonly state: TrainingState;
  /** The tfjs backend in use. */
  readonly backend: string;
  /** The checkpoint to resume from. */
  readonly from: { engine: EngineState; loader: LoaderState | undefined } | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether the loss of a step (counted from 1) is to be measured. */
  isLogged(step: number): boolean;
  /**
   * Logs the loss that a step measured before its update.
   *
   * @param rows rows of all steps up to this one
   * @throws a failure where the loss is not finite: training has diverged
   */
  log(step: number, epoch: number, rows: number, loss: number): void;
  /**
   * To be called before the first step and after every complete step, when `state` includes it. Measures
   * the validation rows at the end of an epoch, and writes a snapshot and a checkpoint when they are due.
   *
   * @param read returns the current weights and slots; called only when they are needed
   * @returns whether training continues; false once patience has run out
   */
  afterStep(read: () => Promise<EngineState>): Promise<boolean> | boolean;
  /**
   * Reports progress; cheap enough to be called for every batch.
   *
   * @param rows rows processed so far
   */
  progress(rows: number): void;
}

/** A way to train: updates `job.state`, and returns when all epochs are done. */
export type Optimizer = (job: Job) => Promise<void>;
