import type { OptimizerSettings, UpdateRule } from "./types.js";

/**
 * SGD with momentum (Polyak 1964), `torch.optim.SGD(momentum=µ)` without dampening:
 * v ← µv + g, w ← w − ηv. The learning rate is not part of the velocity.
 */
export function momentum({ momentum: mu }: OptimizerSettings): UpdateRule {
  return {
    slots: ["velocity"],
    update: (of, { weight, gradient, slots: [velocity], learningRate }) => {
      const next = of.add(of.multiply(velocity!, mu), gradient);
      return { weight: of.subtract(weight, of.multiply(next, learningRate)), slots: [next] };
    },
  };
}
