import type { OptimizerSettings, UpdateRule } from "./types.js";

/**
 * RMSProp (Hinton, Tieleman 2012), `torch.optim.RMSprop`: v ← αv + (1 − α)g², w ← w − ηg/(√v + ε).
 */
export function rmsprop({ alpha, epsilon }: OptimizerSettings): UpdateRule {
  return {
    slots: ["square"],
    update: (of, { weight, gradient, slots: [square], learningRate }) => {
      const squares = of.multiply(of.multiply(gradient, gradient), 1 - alpha);
      const next = of.add(of.multiply(square!, alpha), squares);
      const size = of.add(of.squareRoot(next), epsilon);
      const change = of.multiply(of.divide(gradient, size), learningRate);
      return { weight: of.subtract(weight, change), slots: [next] };
    },
  };
}
