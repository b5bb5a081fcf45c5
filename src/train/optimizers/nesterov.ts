import type { OptimizerSettings, UpdateRule } from "./types.js";

/**
 * SGD with Nesterov's momentum (Sutskever et al. 2013), `torch.optim.SGD(momentum=µ, nesterov=True)`:
 * v ← µv + g, w ← w − η(g + µv).
 */
export function nesterov({ momentum: mu }: OptimizerSettings): UpdateRule {
  return {
    slots: ["velocity"],
    update: (of, { weight, gradient, slots: [velocity], learningRate }) => {
      const next = of.add(of.multiply(velocity!, mu), gradient);
      const ahead = of.add(gradient, of.multiply(next, mu));
      return { weight: of.subtract(weight, of.multiply(ahead, learningRate)), slots: [next] };
    },
  };
}
