import type { HistoryRow, RunRecord } from "../../train/index.js";
import type { StabilityFormula } from "./types.js";

/** What the limit of an optimiser depends on. */
type Settings = Pick<
  RunRecord["options"],
  "optimizer" | "learningRate" | "momentum" | "weightDecay"
>;

/**
 * How the limit of an optimiser depends on its settings.
 *
 * On a quadratic loss, gradient descent with the learning rate η shrinks the distance to the lowest point along an
 * eigenvector if its eigenvalue lies below 2/η, and enlarges it otherwise. The roots of the recurrences of momentum
 * have a magnitude below 1 up to (2 + 2µ)/η, and up to (2 + 2µ)/((1 + 2µ)η) with Nesterov's (Cohen, Kaur, Li, Kolter
 * and Talwalkar 2021, "Gradient descent on neural networks typically occurs at the edge of stability", appendix B).
 *
 * @returns undefined for optimisers that scale each weight's steps on their own, and for the closed form
 */
export function stabilityFormula({
  optimizer,
}: Pick<Settings, "optimizer">): StabilityFormula | undefined {
  if (optimizer === "sgd" || optimizer === "gradient-descent") return "2/η";
  if (optimizer === "momentum") return "(2 + 2µ)/η";
  return optimizer === "nesterov" ? "(2 + 2µ)/((1 + 2µ)η)" : undefined;
}

/**
 * The largest eigenvalue of the loss's Hessian with which a step is stable.
 *
 * @param learningRate that of the step
 * @returns undefined where the optimiser has no such limit
 */
export function stabilityLimit(settings: Settings, learningRate: number): number | undefined {
  const { momentum: mu, weightDecay } = settings;
  const factors = {
    "2/η": 2,
    "(2 + 2µ)/η": 2 + 2 * mu,
    "(2 + 2µ)/((1 + 2µ)η)": (2 + 2 * mu) / (1 + 2 * mu),
  };
  const formula = stabilityFormula(settings);
  // Weight decay adds its factor to each eigenvalue of what is descended.
  return formula === undefined ? undefined : factors[formula] / learningRate - weightDecay;
}

/**
 * The learning rate of the step that follows a snapshot, from a run's history: that of the first logged step after
 * it, or of the last one.
 */
export function learningRateAfter(
  history: readonly HistoryRow[],
  step: number,
  otherwise: number,
): number {
  const next = history.find((row) => row.step > step) ?? history.at(-1);
  return next?.learningRate ?? otherwise;
}
