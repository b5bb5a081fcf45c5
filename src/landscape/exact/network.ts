import type { Batch } from "../../stream/index.js";
import type { DenseLayer, DenseNetwork } from "../../model/index.js";
import type { Grid } from "../points/grid.js";

/** A dense layer with its numbers in float64. */
export interface Float64Layer extends Omit<DenseLayer, "weights" | "bias"> {
  weights: Float64Array;
  bias?: Float64Array;
}

/** A dense network in float64: slow, and the reference for all other methods. */
export type Float64Network = readonly Float64Layer[];

/** The network at one point of a grid. */
export function networkAt({ centre, directions }: Grid, alpha: number, beta = 0): Float64Network {
  const [first, second] = directions;
  const moved = (layer: number, key: "weights" | "bias"): Float64Array =>
    Float64Array.from(
      centre[layer]![key] ?? [],
      (value, at) =>
        value +
        alpha * (first?.[layer]![key]?.[at] ?? 0) +
        beta * (second?.[layer]![key]?.[at] ?? 0),
    );
  return centre.map(({ weights: _weights, bias, ...layer }, index) => ({
    ...layer,
    weights: moved(index, "weights"),
    ...(bias === undefined ? {} : { bias: moved(index, "bias") }),
  }));
}

/** The same network in float64. */
export function inFloat64(network: DenseNetwork): Float64Network {
  return networkAt(
    { centre: network, directions: [], alphas: Float64Array.of(0), betas: Float64Array.of(0) },
    0,
  );
}

/** The sum of squared errors of rows from … to−1. */
export function squaredErrors(
  network: Float64Network,
  { x, y }: Pick<Batch, "x" | "y">,
  from: number,
  to: number,
): number {
  const features = network[0]!.inputs;
  let sum = 0;
  for (let row = from; row < to; row++) {
    let values: Float64Array = Float64Array.from(x.subarray(row * features, (row + 1) * features));
    for (const layer of network) values = forward(layer, values);
    const error = values[0]! - y[row]!;
    sum += error * error;
  }
  return sum;
}

/**
 * Adds the gradient of the sum of squared errors of rows from … to−1 to `gradient`, one array for
 * each layer's weights and one for its bias, if it has one, by backpropagation. The derivative of ReLU at 0 is 0.
 */
export function addGradient(
  network: Float64Network,
  { x, y }: Pick<Batch, "x" | "y">,
  from: number,
  to: number,
  gradient: readonly Float64Array[],
): void {
  const features = network[0]!.inputs;
  const places = placesOf(network);
  for (let row = from; row < to; row++) {
    const values: Float64Array[] = [
      Float64Array.from(x.subarray(row * features, (row + 1) * features)),
    ];
    for (const layer of network) values.push(forward(layer, values.at(-1)!));
    let delta = Float64Array.of(2 * (values.at(-1)![0]! - y[row]!));
    for (let index = network.length - 1; index >= 0; index--) {
      const layer = network[index]!;
      const below = values[index]!;
      const above = values[index + 1]!;
      for (let output = 0; output < layer.outputs; output++) {
        delta[output]! *= derivative(layer.activation, above[output]!);
      }
      const sums = gradient[places[index]!]!;
      if (layer.bias !== undefined) {
        const biases = gradient[places[index]! + 1]!;
        for (let output = 0; output < layer.outputs; output++) biases[output]! += delta[output]!;
      }
      const next = new Float64Array(layer.inputs);
      for (let input = 0; input < layer.inputs; input++) {
        const at = input * layer.outputs;
        const value = below[input]!;
        let sum = 0;
        for (let output = 0; output < layer.outputs; output++) {
          sums[at + output]! += value * delta[output]!;
          sum += layer.weights[at + output]! * delta[output]!;
        }
        next[input] = sum;
      }
      delta = next;
    }
  }
}

/** The index of each layer's weights among the vectors of all layers. The bias, if there is one, comes next. */
export function placesOf(network: Float64Network): number[] {
  let place = 0;
  return network.map(({ bias }) => {
    const own = place;
    place += bias === undefined ? 1 : 2;
    return own;
  });
}

/** One layer's outputs for one row. Inputs of 0 are skipped, so that 0·∞ counts as 0. */
export function forward(layer: Float64Layer, inputs: Float64Array): Float64Array {
  const { outputs: units, weights } = layer;
  const outputs = layer.bias?.slice() ?? new Float64Array(units);
  for (let input = 0; input < layer.inputs; input++) {
    const value = inputs[input]!;
    if (value === 0) continue;
    const at = input * units;
    for (let output = 0; output < units; output++) {
      outputs[output]! += value * weights[at + output]!;
    }
  }
  if (layer.activation !== "linear") {
    for (let output = 0; output < units; output++) {
      outputs[output] = activate(layer.activation, outputs[output]!);
    }
  }
  return outputs;
}

function activate(activation: DenseLayer["activation"], value: number): number {
  switch (activation) {
    case "relu":
      // The comparison is false for NaN, which is kept.
      return value < 0 ? 0 : value;
    case "linear":
      return value;
    case "tanh":
      return Math.tanh(value);
    case "sigmoid":
      return 1 / (1 + Math.exp(-value));
  }
}

/** The activation's derivative, from its value. */
export function derivative(activation: DenseLayer["activation"], value: number): number {
  switch (activation) {
    case "relu":
      return value > 0 ? 1 : 0;
    case "linear":
      return 1;
    case "tanh":
      return 1 - value * value;
    case "sigmoid":
      return value * (1 - value);
  }
}
