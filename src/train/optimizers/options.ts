import { number } from "../../common/options/kinds.js";
import { withDefault } from "../../common/options/options.js";

/** The optimisers that take one step per minibatch. */
export const STEP_OPTIMIZERS = ["sgd", "momentum", "nesterov", "rmsprop", "adam"] as const;

export type StepOptimizerName = (typeof STEP_OPTIMIZERS)[number];

/** Whether a name is that of such an optimiser. */
export function isStepOptimizer(name: unknown): name is StepOptimizerName {
  return STEP_OPTIMIZERS.some((one) => one === name);
}

/** Restricts an option to some optimisers. */
function usedBy(...names: StepOptimizerName[]): {
  appliesTo: (options: Readonly<Record<string, unknown>>) => boolean;
} {
  return { appliesTo: ({ optimizer }) => names.some((name) => name === optimizer) };
}

const fraction = number({ least: 0, below: 1 });

/** The parameters that the optimisers' equations name; the defaults are PyTorch's where it has one. */
export const optimizerOptions = {
  /** µ: the fraction of the velocity that each step keeps. PyTorch has no default. */
  momentum: withDefault(
    fraction,
    0.9,
    "µ of momentum and nesterov",
    usedBy("momentum", "nesterov"),
  ),
  /** α: the fraction of the mean square that each step keeps. */
  alpha: withDefault(fraction, 0.99, "α of rmsprop", usedBy("rmsprop")),
  /** β₁: the fraction of the mean gradient that each step keeps. */
  beta1: withDefault(fraction, 0.9, "β₁ of adam", usedBy("adam")),
  /** β₂: the fraction of the mean squared gradient that each step keeps. */
  beta2: withDefault(fraction, 0.999, "β₂ of adam", usedBy("adam")),
  /** ε: what is added to the root of the mean square. */
  epsilon: withDefault(
    number({ above: 0 }),
    1e-8,
    "ε of rmsprop and adam",
    usedBy("rmsprop", "adam"),
  ),
  /** λ: g ← g + λw before the optimiser's equations (L2, as PyTorch's optimisers have it). */
  weightDecay: withDefault(
    number({ least: 0 }),
    0,
    "λ of the L2 penalty: λw is added to each gradient",
  ),
};
