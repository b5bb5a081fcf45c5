import type { Dataset } from "../stream/index.js";
import type { Settings } from "./options.js";
import type { DenseNetwork } from "./types.js";

/** Where training stands. An optimiser keeps it true after every step, whatever ends the training. */
export interface TrainingState {
  /** The weights after the last whole step; brought up to date when the optimiser ends. */
  network: DenseNetwork;
  steps: number;
  /** Whole epochs gone through. */
  epochs: number;
  /** Rows that have passed in whole steps. */
  rows: number;
  /** Seconds for which a step has waited for data. */
  waitedSeconds: number;
}

/** What an optimiser works on. */
export interface Job {
  readonly dataset: Dataset;
  readonly settings: Settings;
  readonly state: TrainingState;
  /** The tfjs backend in use. */
  readonly backend: string;
  readonly signal: AbortSignal | undefined;
  /** Whether the loss of a step (counted from 1) is to be measured. */
  isLogged(step: number): boolean;
  /**
   * Notes the loss that a step found before its update.
   *
   * @param rows rows that have passed, this step's included
   * @throws a failure where the loss is not a finite number: training has diverged
   */
  log(step: number, epoch: number, rows: number, loss: number): void;
  /**
   * Tells how far training is; cheap enough to be called for every batch.
   *
   * @param rows rows that have passed
   */
  report(rows: number): void;
}

/** A way to train: moves `job.state` on, and returns when all epochs are done. */
export type Optimizer = (job: Job) => Promise<void>;
