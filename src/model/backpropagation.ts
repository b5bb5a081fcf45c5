import { parameterIndices } from "./network.js";
import type { Activation, DenseNetwork } from "./types.js";

/**
 * The operations in which the forward and backward pass of dense networks are written, once for every
 * engine. A value is a matrix of rows × units, or one number per unit.
 */
export interface NetworkAlgebra<T> {
  subtract(a: T, b: T): T;
  /** Multiplies every element of a by the single number b. */
  scale(a: T, b: T): T;
  /** The matrix product ab. */
  product(a: T, b: T): T;
  /** aᵀb, a sum over rows. */
  transposedProduct(a: T, b: T): T;
  /** abᵀ */
  productTransposed(a: T, b: T): T;
  /** Adds one number per unit to every row. */
  addBias(values: T, bias: T): T;
  /** The sum over rows, one number per unit. */
  sumRows(values: T): T;
  activate(activation: Activation, values: T): T;
  /**
   * The loss's gradient with respect to an activation's input.
   *
   * @param delta the gradient with respect to its output
   * @param outputs what the activation returned
   */
  activationGradient(activation: Activation, delta: T, outputs: T): T;
}

/**
 * The forward pass: the output of every layer, first to last.
 *
 * @param parameters in the order of `parametersOf`
 */
export function layerOutputs<T>(
  of: NetworkAlgebra<T>,
  network: DenseNetwork,
  parameters: readonly T[],
  x: T,
): T[] {
  const indices = parameterIndices(network);
  const outputs: T[] = [];
  for (const [layer, { activation }] of network.entries()) {
    const { weights, bias } = indices[layer]!;
    let values = of.product(layer === 0 ? x : outputs[layer - 1]!, parameters[weights]!);
    if (bias !== undefined) values = of.addBias(values, parameters[bias]!);
    outputs.push(of.activate(activation, values));
  }
  return outputs;
}

/** What `backpropagate` starts from. */
export interface BackpropagationInput<T> {
  /** In the order of `parametersOf`. */
  parameters: readonly T[];
  x: T;
  y: T;
  /** 2 / rows of the batch, a single number. */
  factor: T;
}

/**
 * Backpropagation (Rumelhart, Hinton and Williams 1986) of the mean squared error.
 *
 * @returns the gradient in every parameter, and the residuals: prediction − target
 */
export function backpropagate<T>(
  of: NetworkAlgebra<T>,
  network: DenseNetwork,
  { parameters, x, y, factor }: BackpropagationInput<T>,
): { gradients: T[]; residuals: T } {
  const indices = parameterIndices(network);
  const outputs = layerOutputs(of, network, parameters, x);
  const residuals = of.subtract(outputs.at(-1)!, y);
  const gradients: T[] = [];
  /** The loss's gradient with respect to the current layer's output. */
  let delta = of.scale(residuals, factor);
  for (let layer = network.length - 1; layer >= 0; layer--) {
    const { weights, bias } = indices[layer]!;
    delta = of.activationGradient(network[layer]!.activation, delta, outputs[layer]!);
    if (bias !== undefined) gradients.unshift(of.sumRows(delta));
    gradients.unshift(of.transposedProduct(layer === 0 ? x : outputs[layer - 1]!, delta));
    if (layer > 0) delta = of.productTransposed(delta, parameters[weights]!);
  }
  return { gradients, residuals };
}
