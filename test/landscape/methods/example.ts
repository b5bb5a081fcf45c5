import { lossesOf as expand } from "../../../src/landscape/methods/curves.js";
import type { SliceMethod } from "../../../src/landscape/methods/types.js";
import { pointsOf } from "../../../src/landscape/points/grid.js";
import type { Grid } from "../../../src/landscape/points/grid.js";
import type { DenseLayer, DenseNetwork } from "../../../src/model/index.js";
import { lossAt, network, normals, numbers } from "../numbers.js";

// Float32 arithmetic rounds each loss by some 1e-7; the linear sums are float64 throughout.
export const float32Bound = 1e-6;
export const float64Bound = 1e-12;

export function grid(scale: number, points: number): Float64Array {
  return Float64Array.from({ length: points }, (_, i) =>
    points === 1 ? -scale : -scale + (2 * scale * i) / (points - 1),
  );
}

export function lineOf(centre: DenseNetwork, direction: DenseNetwork, alphas: Float64Array): Grid {
  return { centre, directions: [direction], alphas, betas: Float64Array.of(0) };
}

export interface Example {
  line: Grid;
  batch: { x: Float32Array; y: Float32Array; rows: number };
  expected: Float64Array;
}

export function example(
  widths: number[],
  scale: number,
  points: number,
  rows: number,
  seed = 7,
): Example {
  const next = normals(seed);
  const x = numbers(next, rows * widths[0]!);
  const y = numbers(next, rows);
  const centre = network(next, widths, 0.3);
  const direction = network(next, widths, 1);
  const alphas = grid(scale, points);
  const expected = alphas.map((alpha) => lossAt(centre, direction, alpha, x, y));
  return { line: lineOf(centre, direction, alphas), batch: { x, y, rows }, expected };
}

/** The losses at every point of a method's grid. */
export async function evaluated(
  method: SliceMethod,
  batch: Example["batch"],
  points = method.curves.width,
): Promise<Float64Array> {
  return expand(method.curves, points, await method.evaluate(batch));
}

export async function lossesOf(
  method: SliceMethod,
  { batch, line }: Example,
): Promise<Float64Array> {
  const losses = await evaluated(method, batch, pointsOf(line));
  await method.dispose();
  return losses;
}

/** The same network with a bias in every layer. */
export function biased(next: () => number, plain: DenseNetwork): DenseNetwork {
  return plain.map((layer) => ({ ...layer, bias: numbers(next, layer.outputs, 0.5) }));
}

/** The loss at a point by sums unit by unit, biases included. */
export function plainLoss(
  { centre, directions }: Grid,
  alpha: number,
  beta: number,
  x: Float32Array,
  y: Float32Array,
): number {
  const at = (layer: number, key: "weights" | "bias", index: number): number =>
    centre[layer]![key]![index]! +
    alpha * directions[0]![layer]![key]![index]! +
    beta * (directions[1]?.[layer]![key]![index] ?? 0);
  let total = 0;
  for (let row = 0; row < y.length; row++) {
    let values = Array.from(x.subarray(row * 5, row * 5 + 5));
    for (const [layer, { outputs, activation }] of centre.entries()) {
      const below = values;
      values = Array.from({ length: outputs }, (_, unit) => {
        let sum = at(layer, "bias", unit);
        for (const [input, value] of below.entries()) {
          sum += value * at(layer, "weights", input * outputs + unit);
        }
        return plainActivation(activation, sum);
      });
    }
    total += (values[0]! - y[row]!) ** 2;
  }
  return total / y.length;
}

function plainActivation(activation: DenseLayer["activation"], sum: number): number {
  if (activation === "relu") return Math.max(0, sum);
  if (activation === "tanh")
    return (Math.exp(sum) - Math.exp(-sum)) / (Math.exp(sum) + Math.exp(-sum));
  return activation === "sigmoid" ? 1 / (1 + Math.exp(-sum)) : sum;
}
