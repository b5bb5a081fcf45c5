import { countWeights } from "../network.js";
import type { DenseLayer, DenseNetwork } from "../types.js";

/** More weights than this are left to a backend's tensor operations. */
const MOST_WEIGHTS = 2 ** 20;

/** The activations that the kernel knows, as assembly/train.ts numbers them. */
export const ACTIVATIONS = { linear: 0, relu: 1 } as const;

/** Dense layers that the kernel computes; the last has one output and no activation. */
export type FusedNetwork = (DenseLayer & { activation: keyof typeof ACTIVATIONS })[];

/**
 * Whether the kernel computes a network: dense layers with or without biases, ReLU or no activation
 * between them, none at the end, and no more than 2²⁰ weights.
 */
export function isFusedNetwork(network: DenseNetwork): network is FusedNetwork {
  const last = network.at(-1);
  return (
    last?.activation === "linear" &&
    last.outputs === 1 &&
    network.every(({ activation }) => Object.hasOwn(ACTIVATIONS, activation)) &&
    countWeights(network) <= MOST_WEIGHTS
  );
}
