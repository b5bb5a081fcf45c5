// Seeded numbers and plain float64 evaluations that owe nothing to the code under test.
import type { DenseNetwork } from "../../src/model/index.js";

/** Normal numbers from a seed: mulberry32 and Box–Muller. */
export function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

export function numbers(next: () => number, count: number, scale = 1): Float32Array {
  return Float32Array.from({ length: count }, () => scale * next());
}

/** A network of these widths: ReLU but for its last layer. */
export function network(next: () => number, widths: number[], scale: number): DenseNetwork {
  return widths.slice(1).map((outputs, index) => ({
    inputs: widths[index]!,
    outputs,
    activation: index === widths.length - 2 ? ("linear" as const) : ("relu" as const),
    weights: numbers(next, widths[index]! * outputs, scale),
  }));
}

/** The mean squared error at centre + α·direction, by nested sums in float64, unit by unit. */
export function lossAt(
  centre: DenseNetwork,
  direction: DenseNetwork,
  alpha: number,
  x: Float32Array,
  y: Float32Array,
): number {
  const features = centre[0]!.inputs;
  const unit = (depth: number, index: number, below: number[]): number => {
    const { inputs, outputs, activation, weights } = centre[depth]!;
    let sum = 0;
    for (let input = 0; input < inputs; input++) {
      const at = input * outputs + index;
      sum += below[input]! * (weights[at]! + alpha * direction[depth]!.weights[at]!);
    }
    return activation === "relu" ? Math.max(0, sum) : sum;
  };
  let total = 0;
  for (let row = 0; row < y.length; row++) {
    let values = Array.from(x.subarray(row * features, (row + 1) * features));
    for (const [depth, layer] of centre.entries()) {
      const below = values;
      values = Array.from({ length: layer.outputs }, (_, index) => unit(depth, index, below));
    }
    total += (values[0]! - y[row]!) ** 2;
  }
  return total / y.length;
}

/** The largest |found − expected| / expected. */
export function worstRelative(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  for (let index = 0; index < expected.length; index++) {
    worst = Math.max(
      worst,
      Math.abs(found[index]! - expected[index]!) / Math.abs(expected[index]!),
    );
  }
  return worst;
}
