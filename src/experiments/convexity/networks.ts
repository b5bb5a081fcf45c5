import { combineNetworks } from "../../landscape/index.js";
import type { DenseNetwork } from "../../model/index.js";

/* Other points of a network's weight space, whose losses are compared with its own. */

/**
 * The same function with its hidden units in reverse order. Their outgoing weights are reversed as well, so
 * that all predictions, and the loss, stay the same.
 */
export function reversedUnits(network: DenseNetwork): DenseNetwork {
  return network.map((layer, index) => {
    const { inputs, outputs, weights, bias } = layer;
    const from = (input: number): number => (index === 0 ? input : inputs - 1 - input);
    const to = (output: number): number =>
      index === network.length - 1 ? output : outputs - 1 - output;
    return {
      ...layer,
      weights: weights.map(
        (_, at) => weights[from(Math.floor(at / outputs)) * outputs + to(at % outputs)]!,
      ),
      ...(bias === undefined ? {} : { bias: bias.map((_, at) => bias[to(at)]!) }),
    };
  });
}

/** The same layers with all weights and biases 0. It predicts 0 if its last layer is linear. */
export function zeroNetwork(network: DenseNetwork): DenseNetwork {
  return combineNetworks(network, network, () => 0);
}
