import type { Batch } from "../../src/stream/index.js";
import type { DenseLayer } from "../../src/model/index.js";
import { derivative, forward, placesOf } from "../../src/landscape/exact/network.js";
import type { Float64Network } from "../../src/landscape/exact/network.js";

/** One row's values in a layer, and how fast they change as the weights move along a direction. */
interface Moving {
  values: Float64Array;
  changes: Float64Array;
}

/**
 * Adds the Hessian of the sum of squared errors of rows from … to−1, times a direction, to
 * `product`: one array for each layer's weights and one for its bias, if it has one. Exact, by
 * differentiating backpropagation along the direction (the R-operator of Pearlmutter 1994, "Fast
 * exact multiplication by the Hessian"); the derivatives of ReLU at 0 are 0.
 *
 * @param direction the network's layers, whose numbers are the direction
 */
export function addHessianProduct(
  network: Float64Network,
  direction: Float64Network,
  { x, y }: Pick<Batch, "x" | "y">,
  from: number,
  to: number,
  product: readonly Float64Array[],
): void {
  const features = network[0]!.inputs;
  const places = placesOf(network);
  for (let row = from; row < to; row++) {
    const values = Float64Array.from(x.subarray(row * features, (row + 1) * features));
    const passed: Moving[] = [{ values, changes: new Float64Array(features) }];
    /** Of each layer how fast its pre-activations change. */
    const speeds: Float64Array[] = [];
    for (const [index, layer] of network.entries()) {
      const below = passed[index]!;
      const speed = forward({ ...direction[index]!, activation: "linear" }, below.values);
      addProduct(layer, below.changes, speed);
      const above = forward(layer, below.values);
      speeds.push(speed);
      passed.push({
        values: above,
        changes: speed.map((change, unit) => derivative(layer.activation, above[unit]!) * change),
      });
    }
    const last = passed.at(-1)!;
    let delta: Moving = {
      values: Float64Array.of(2 * (last.values[0]! - y[row]!)),
      changes: Float64Array.of(2 * last.changes[0]!),
    };
    for (let index = network.length - 1; index >= 0; index--) {
      const layer = network[index]!;
      const { values: above } = passed[index + 1]!;
      for (let output = 0; output < layer.outputs; output++) {
        const slope = derivative(layer.activation, above[output]!);
        const bend = secondDerivative(layer.activation, above[output]!);
        delta.changes[output] =
          slope * delta.changes[output]! + bend * speeds[index]![output]! * delta.values[output]!;
        delta.values[output]! *= slope;
      }
      delta = backward(layer, direction[index]!, passed[index]!, delta, product, places[index]!);
    }
  }
}

/** Adds a layer's part of the product, and gives the deltas of the layer below. */
function backward(
  layer: Float64Network[number],
  direction: Float64Network[number],
  below: Moving,
  delta: Moving,
  product: readonly Float64Array[],
  place: number,
): Moving {
  const sums = product[place]!;
  if (layer.bias !== undefined) {
    const biases = product[place + 1]!;
    for (let output = 0; output < layer.outputs; output++)
      biases[output]! += delta.changes[output]!;
  }
  const next = { values: new Float64Array(layer.inputs), changes: new Float64Array(layer.inputs) };
  for (let input = 0; input < layer.inputs; input++) {
    const at = input * layer.outputs;
    const value = below.values[input]!;
    const change = below.changes[input]!;
    let sum = 0;
    let moving = 0;
    for (let output = 0; output < layer.outputs; output++) {
      const error = delta.values[output]!;
      const shift = delta.changes[output]!;
      sums[at + output]! += change * error + value * shift;
      sum += layer.weights[at + output]! * error;
      moving += direction.weights[at + output]! * error + layer.weights[at + output]! * shift;
    }
    next.values[input] = sum;
    next.changes[input] = moving;
  }
  return next;
}

/** Adds the inputs times a layer's weights to its outputs. */
function addProduct(
  { outputs, weights }: Float64Network[number],
  inputs: Float64Array,
  sums: Float64Array,
): void {
  for (let input = 0; input < inputs.length; input++) {
    const value = inputs[input]!;
    if (value === 0) continue;
    for (let output = 0; output < outputs; output++) {
      sums[output]! += value * weights[input * outputs + output]!;
    }
  }
}

/** The activation's second derivative, from its value. */
function secondDerivative(activation: DenseLayer["activation"], value: number): number {
  switch (activation) {
    case "relu":
    case "linear":
      return 0;
    case "tanh":
      return -2 * value * (1 - value * value);
    case "sigmoid":
      return value * (1 - value) * (1 - 2 * value);
  }
}
