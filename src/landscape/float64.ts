import type { Batch } from "../stream/index.js";
import type { DenseLayer } from "../train/index.js";
import type { Line } from "./method.js";

/** Numbers this large, summed and multiplied once more, still fit in float32 (3.4·10³⁸). */
const largestSafe = 1e36;
/** Rows between two breaths. */
const partRows = 256;

/**
 * Tells, for a line, whether rows can pass through the network in float32 at every point of it
 * without overflow on the way: whether max|x| times the product over layers of the largest
 * Σ|c| + |α||v| into a unit stays small enough. What is not a number does not fit.
 */
export function fitsFloat32(line: Line): (x: Float32Array) => boolean {
  const reach = line.alphas.reduce((largest, alpha) => Math.max(largest, Math.abs(alpha)), 1);
  let growth = 1;
  for (const [index, { inputs, outputs, weights }] of line.centre.entries()) {
    const direction = line.direction[index]!.weights;
    let largest = 1;
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let input = 0; input < inputs; input++) {
        const at = input * outputs + output;
        sum += Math.abs(weights[at]!) + reach * Math.abs(direction[at]!);
      }
      largest = Math.max(largest, sum);
    }
    growth *= largest;
  }
  return (x) => {
    const limit = largestSafe / growth;
    let fits = limit > 0;
    for (let at = 0; fits && at < x.length; at++) fits = Math.abs(x[at]!) <= limit;
    return fits;
  };
}

/**
 * The losses at every point by plain forward passes in float64: slow, for what float32 cannot hold.
 * A loss that overflows on the way (∞ − ∞ within a unit) is Infinity, unless the data or the weights
 * themselves are not numbers.
 */
export async function exactLosses(
  line: Line,
  batch: Pick<Batch, "x" | "y" | "rows">,
  breathe: () => Promise<void>,
): Promise<Float64Array> {
  const losses = new Float64Array(line.alphas.length);
  for (const [point, alpha] of line.alphas.entries()) {
    const weights = weightsAt(line, alpha);
    let sum = 0;
    for (let from = 0; from < batch.rows; from += partRows) {
      sum += squaredErrors(
        line.centre,
        weights,
        batch,
        from,
        Math.min(batch.rows, from + partRows),
      );
      await breathe();
    }
    losses[point] = Number.isNaN(sum) && !hasNaN(line, batch) ? Infinity : sum / batch.rows;
  }
  return losses;
}

/** The weights centre + α·direction of every layer. */
function weightsAt({ centre, direction }: Line, alpha: number): Float64Array[] {
  return centre.map((layer, index) =>
    Float64Array.from(layer.weights, (value, at) => value + alpha * direction[index]!.weights[at]!),
  );
}

/** The sum of squared errors of rows from … to−1. */
function squaredErrors(
  network: readonly DenseLayer[],
  weights: readonly Float64Array[],
  { x, y }: Pick<Batch, "x" | "y">,
  from: number,
  to: number,
): number {
  const features = network[0]!.inputs;
  let sum = 0;
  for (let row = from; row < to; row++) {
    let values: Float64Array = Float64Array.from(x.subarray(row * features, (row + 1) * features));
    for (const [index, layer] of network.entries())
      values = forward(layer, weights[index]!, values);
    const error = values[0]! - y[row]!;
    sum += error * error;
  }
  return sum;
}

/** One layer's outputs for one row; what an inactive unit would add is left out, so 0·∞ is 0. */
function forward(layer: DenseLayer, weights: Float64Array, inputs: Float64Array): Float64Array {
  const outputs = new Float64Array(layer.outputs);
  for (let input = 0; input < layer.inputs; input++) {
    const value = inputs[input]!;
    if (value === 0) continue;
    const at = input * layer.outputs;
    for (let output = 0; output < layer.outputs; output++) {
      outputs[output]! += value * weights[at + output]!;
    }
  }
  if (layer.activation === "relu") {
    for (let output = 0; output < layer.outputs; output++) {
      if (outputs[output]! < 0) outputs[output] = 0;
    }
  }
  return outputs;
}

function hasNaN(
  { centre, direction }: Line,
  { x, y, rows }: Pick<Batch, "x" | "y" | "rows">,
): boolean {
  const numbers = [...centre, ...direction].map((layer) => layer.weights);
  numbers.push(x.subarray(0, rows * centre[0]!.inputs), y.subarray(0, rows));
  return numbers.some((values) => values.some(Number.isNaN));
}
