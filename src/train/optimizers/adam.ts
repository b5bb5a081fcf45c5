import type { OptimizerSettings, UpdateRule } from "./types.js";

/**
 * Adam (Kingma and Ba 2015), `torch.optim.Adam`: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * w ← w − η/(1 − β₁ᵗ) · m/(√v/√(1 − β₂ᵗ) + ε) at step t = 1, 2, …
 */
export function adam({ beta1, beta2, epsilon }: OptimizerSettings): UpdateRule {
  return {
    slots: ["mean", "square"],
    update: (of, { weight, gradient, slots: [mean, square], step, learningRate }) => {
      const nextMean = of.add(of.multiply(mean!, beta1), of.multiply(gradient, 1 - beta1));
      const squares = of.multiply(of.multiply(gradient, gradient), 1 - beta2);
      const nextSquare = of.add(of.multiply(square!, beta2), squares);
      const root = of.divide(of.squareRoot(nextSquare), Math.sqrt(1 - beta2 ** step));
      const direction = of.divide(nextMean, of.add(root, epsilon));
      const change = of.multiply(direction, learningRate / (1 - beta1 ** step));
      return { weight: of.subtract(weight, change), slots: [nextMean, nextSquare] };
    },
  };
}
