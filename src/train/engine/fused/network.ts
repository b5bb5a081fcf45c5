import { countWeights } from "../../../model/network.js";
import type { DenseLayer, DenseNetwork } from "../../../model/index.js";

/** More weights than this are left to a backend's tensor operations. */
const MOST_WEIGHTS = 2 ** 20;

/** More numbers a row than this, features and units together, would not stay in any cache. */
const MOST_UNITS = 2 ** 14;

/** The activations that the kernel knows, as assembly/train.ts numbers them. */
export const ACTIVATIONS = { linear: 0, relu: 1, tanh: 2, sigmoid: 3 } as const;

/** Dense layers that the kernel computes; the last has one output and no activation. */
export type FusedNetwork = (DenseLayer & { activation: keyof typeof ACTIVATIONS })[];

/**
 * Whether the kernel computes a network: dense layers with or without biases, with any activation but
 * none at the end, no more than 2²⁰ weights, and no more than 2¹⁴ features and units.
 */
export function isFusedNetwork(network: DenseNetwork): network is FusedNetwork {
  const last = network.at(-1);
  const units = network.reduce((sum, { inputs }) => sum + inputs, 0);
  return (
    last?.activation === "linear" &&
    last.outputs === 1 &&
    network.every(({ activation }) => Object.hasOwn(ACTIVATIONS, activation)) &&
    units <= MOST_UNITS &&
    countWeights(network) <= MOST_WEIGHTS
  );
}
