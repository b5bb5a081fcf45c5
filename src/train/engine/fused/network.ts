import { countWeights } from "../../../model/network.js";
import type { DenseLayer, DenseNetwork } from "../../../model/index.js";

/** Larger networks train in the backend's tensor operations. */
const MAXIMUM_WEIGHTS = 2 ** 20;

/** Features and units of a network, at most: more would not fit a cache. */
const MAXIMUM_UNITS = 2 ** 14;

/** The activations that the kernel knows, with their numbers in assembly/train.ts. */
export const ACTIVATION_CODES = { linear: 0, relu: 1, tanh: 2, sigmoid: 3 } as const;

/** Dense layers that the kernel computes; the last has one output and no activation. */
export type FusedNetwork = (DenseLayer & { activation: keyof typeof ACTIVATION_CODES })[];

/**
 * Whether the kernel computes a network: dense layers with or without biases, any activations but none
 * in the last layer, one output, at most 2²⁰ weights, and at most 2¹⁴ features and units.
 */
export function isFusedNetwork(network: DenseNetwork): network is FusedNetwork {
  const last = network.at(-1);
  const units = network.reduce((sum, { inputs }) => sum + inputs, 0);
  return (
    last?.activation === "linear" &&
    last.outputs === 1 &&
    network.every(({ activation }) => Object.hasOwn(ACTIVATION_CODES, activation)) &&
    units <= MAXIMUM_UNITS &&
    countWeights(network) <= MAXIMUM_WEIGHTS
  );
}
