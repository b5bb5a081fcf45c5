/**
 * The optimisers that take one step per minibatch: one file of equations each, written in an algebra that
 * every engine supplies. Uses common only.
 *
 * @module
 */
import type { Algebra } from "./algebra.js";
import { fillOptions } from "../../common/options/options.js";
import { adam } from "./adam.js";
import { clipByNorm } from "./clip.js";
import { momentum } from "./momentum.js";
import { nesterov } from "./nesterov.js";
import { optimizerOptions, type StepOptimizerName } from "./options.js";
import { rmsprop } from "./rmsprop.js";
import { sgd } from "./sgd.js";
import type { OptimizerSettings, UpdateRule } from "./types.js";

export type { Algebra } from "./algebra.js";
export { arrayAlgebra } from "./array-algebra.js";
export { tensorAlgebra } from "./tensor-algebra.js";
export { isStepOptimizer, STEP_OPTIMIZERS } from "./options.js";
export type { StepOptimizerName } from "./options.js";
export type { OptimizerSettings, UpdateRule } from "./types.js";

const RULES: Readonly<Record<StepOptimizerName, (settings: OptimizerSettings) => UpdateRule>> = {
  sgd,
  momentum,
  nesterov,
  rmsprop,
  adam,
};

/** The default parameters of every optimiser. */
export const OPTIMIZER_DEFAULTS: Readonly<Omit<OptimizerSettings, "name">> = fillOptions(
  optimizerOptions,
  {},
);

/** An optimiser's equations by its name. */
export function updateRule(settings: OptimizerSettings): UpdateRule {
  return RULES[settings.name](settings);
}

/** All parameters of a model and the optimiser's slots. */
export interface Parameters<T> {
  weights: readonly T[];
  /** For each slot, in the order of the rule's names, one value for each parameter. */
  slots: readonly (readonly T[])[];
}

/**
 * One step of an optimiser on all parameters: clipping, weight decay, update. The results are new values.
 *
 * @param gradients of the mean loss, one for each parameter
 * @param step the number of this step, counted from 1
 */
export function updateParameters<T>(
  of: Algebra<T>,
  settings: OptimizerSettings,
  current: Parameters<T>,
  gradients: readonly T[],
  options: { step: number; learningRate: number; clipNorm: number | undefined },
): { weights: T[]; slots: T[][] } {
  const { step, learningRate, clipNorm } = options;
  const { weightDecay } = settings;
  const rule = updateRule(settings);
  const clipped = clipNorm === undefined ? gradients : clipByNorm(of, gradients, clipNorm);
  const updated = current.weights.map((weight, parameter) =>
    rule.update(of, {
      weight,
      gradient:
        weightDecay === 0
          ? clipped[parameter]!
          : of.add(clipped[parameter]!, of.multiply(weight, weightDecay)),
      slots: current.slots.map((slot) => slot[parameter]!),
      step,
      learningRate,
    }),
  );
  return {
    weights: updated.map(({ weight }) => weight),
    slots: rule.slots.map((_, slot) => updated.map(({ slots }) => slots[slot]!)),
  };
}
