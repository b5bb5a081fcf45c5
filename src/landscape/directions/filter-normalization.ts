import { parametersOf } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import { withVectors } from "./weights.js";

/**
 * Filter normalisation (Li, Xu, Taylor, Studer, Goldstein: Visualizing the Loss Landscape of Neural
 * Nets, 2018): each filter of the direction is scaled to the norm of the same filter of the weights,
 * so that a step has the same relative size in every unit, whatever its scale. A filter of a dense
 * layer is the incoming weights of one unit, a column of its kernel; of any kernel, the numbers that
 * share the last index of its shape. A unit whose weights are all zero does not move, and neither do
 * biases and other vectors, as in the authors' code.
 */
export function filterNormalized<N extends Network>(direction: N, centre: N): N {
  const around = parametersOf(centre);
  const vectors = parametersOf(direction).map(({ values, shape }, index) => {
    const normalized = new Float32Array(values.length);
    if (shape.length < 2) return normalized;
    const outputs = shape.at(-1)!;
    const weights = around[index]!.values;
    for (let unit = 0; unit < outputs; unit++) {
      let own = 0;
      let wanted = 0;
      for (let at = unit; at < values.length; at += outputs) {
        own += values[at]! ** 2;
        wanted += weights[at]! ** 2;
      }
      const factor = own === 0 ? 0 : Math.sqrt(wanted / own);
      for (let at = unit; at < values.length; at += outputs) {
        normalized[at] = factor * values[at]!;
      }
    }
    return normalized;
  });
  return withVectors(direction, vectors);
}
