import type { Dataset, LoaderState } from "../../stream/index.js";
import type { EngineState } from "../engine/types.js";
import type { Settings } from "../settings.js";
import type { Network } from "../../model/index.js";

/** Where training stands. An optimiser keeps it true after every step, whatever ends the training. */
export interface TrainingState {
  /** The weights after the last whole step; brought up to date when the optimiser ends. */
  network: Network;
  /** The same with the optimiser's slots; undefined before the optimiser has ended. */
  engine: EngineState | undefined;
  /** Where the loader stood after the last whole step; undefined before the first. */
  loader: LoaderState | undefined;
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
  /** The rows to train on. */
  readonly dataset: Dataset;
  readonly settings: Settings;
  readonly state: TrainingState;
  /** The tfjs backend in use. */
  readonly backend: string;
  /** What a checkpoint held, from which to go on. */
  readonly from: { engine: EngineState; loader: LoaderState | undefined } | undefined;
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
   * To be called before the first step and after every whole step, when `state` counts it: measures
   * the validation rows at the end of an epoch, keeps a snapshot of the path and a checkpoint where
   * they are due. Reads the weights only then.
   *
   * @param read gives the current weights and slots
   * @returns whether training goes on; false once patience has run out
   */
  stepped(read: () => Promise<EngineState>): Promise<boolean> | boolean;
  /**
   * Tells how far training is; cheap enough to be called for every batch.
   *
   * @param rows rows that have passed
   */
  report(rows: number): void;
}

/** A way to train: moves `job.state` on, and returns when all epochs are done. */
export type Optimizer = (job: Job) => Promise<void>;
