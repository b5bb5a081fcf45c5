import type { UpdateRule } from "./types.js";

/** Stochastic gradient descent (Robbins and Monro 1951), `torch.optim.SGD`: w ← w − ηg. */
export function sgd(): UpdateRule {
  return {
    slots: [],
    update: (of, { weight, gradient, learningRate }) => ({
      weight: of.subtract(weight, of.multiply(gradient, learningRate)),
      slots: [],
    }),
  };
}
