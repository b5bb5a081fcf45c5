import type { Algebra } from "./algebra.js";

/** The optimisers that take a step a minibatch. */
export type StepOptimizerName = "sgd" | "momentum" | "nesterov" | "rmsprop" | "adam";

/** An optimiser and its parameters; each takes those that its equations name. */
export interface OptimizerSettings {
  name: StepOptimizerName;
  /** µ of momentum and nesterov. PyTorch has no default; 0.9 is the usual choice. */
  momentum: number;
  /** α of rmsprop: how much of the mean square each step keeps. */
  alpha: number;
  /** β₁ of adam: how much of the mean gradient each step keeps. */
  beta1: number;
  /** β₂ of adam: how much of the mean squared gradient each step keeps. */
  beta2: number;
  /** ε of rmsprop and adam. */
  epsilon: number;
  /** λ: g ← g + λw before the optimiser's equations (L2, as PyTorch's optimisers have it). */
  weightDecay: number;
}

/** What an update of one parameter starts from. */
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
  /** Names of the numbers that it keeps for every weight between steps; all start at zero. */
  readonly slots: readonly string[];
  /** New values of a parameter and of its slots. */
  update<T>(algebra: Algebra<T>, input: UpdateInput<T>): { weight: T; slots: T[] };
}
