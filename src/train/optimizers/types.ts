import type { FilledOptions } from "../../common/options/options.js";
import type { Algebra } from "./algebra.js";
import type { optimizerOptions, StepOptimizerName } from "./options.js";

/** An optimiser and its parameters. Each optimiser uses those in its equations. */
export type OptimizerSettings = FilledOptions<typeof optimizerOptions> & {
  name: StepOptimizerName;
};

/** The input of the update of one parameter. */
export interface UpdateInput<T> {
  weight: T;
  /** The loss's gradient in the weight, clipped, with the weight decay in it. */
  gradient: T;
  /** The parameter's slots, in the order of `slots`. */
  slots: readonly T[];
  /** The number of this step, counted from 1. */
  step: number;
  learningRate: number;
}

/** One optimiser's equations. */
export interface UpdateRule {
  /** Names of the numbers that it keeps for every weight between steps. All are zero at first. */
  readonly slots: readonly string[];
  /** New values of a parameter and of its slots. */
  update<T>(algebra: Algebra<T>, input: UpdateInput<T>): { weight: T; slots: T[] };
}
