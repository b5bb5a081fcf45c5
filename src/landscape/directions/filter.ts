import type { DenseNetwork } from "../../train/index.js";

/**
 * Filter normalisation (Li, Xu, Taylor, Studer, Goldstein: Visualizing the Loss Landscape of Neural
 * Nets, 2018): each filter of the direction is scaled to the norm of the same filter of the weights,
 * so that a step has the same relative size in every unit, whatever its scale. A filter of a dense
 * layer is the incoming weights of one unit, a column of its kernel. A unit whose weights are all
 * zero does not move. Biases stay where they are, as in the authors' code.
 */
export function filterNormalized(direction: DenseNetwork, centre: DenseNetwork): DenseNetwork {
  return direction.map((layer, index) => {
    const { inputs, outputs, weights } = layer;
    const around = centre[index]!.weights;
    const normalized = new Float32Array(weights.length);
    for (let unit = 0; unit < outputs; unit++) {
      let own = 0;
      let wanted = 0;
      for (let at = unit; at < inputs * outputs; at += outputs) {
        own += weights[at]! ** 2;
        wanted += around[at]! ** 2;
      }
      const factor = own === 0 ? 0 : Math.sqrt(wanted / own);
      for (let at = unit; at < inputs * outputs; at += outputs)
        normalized[at] = factor * weights[at]!;
    }
    return {
      ...layer,
      weights: normalized,
      ...(layer.bias === undefined ? {} : { bias: new Float32Array(outputs) }),
    };
  });
}
