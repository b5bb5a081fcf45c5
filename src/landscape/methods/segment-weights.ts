import type { DenseLayer } from "../../model/index.js";
import type { Grid } from "../points/grid.js";

/*
 * The weights of a network and its directions in the layouts that the kernel of `reluSegments` reads.
 * Units and points come in vectors of four; `padded` counts include those that fill the last vector.
 */

/** Units or points in vectors of four. */
export function padded(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/**
 * The first layer: the biases, then the weights of feature after feature. Each row has the centre's
 * units, then those of each direction.
 *
 * @param out (1 + features) × (1 + directions) × first
 * @param first padded units of the layer
 */
export function fillFirstLayer(
  out: Float32Array,
  { centre, directions }: Grid,
  first: number,
): void {
  const networks = [centre, ...directions];
  for (const [set, network] of networks.entries()) {
    const { inputs, outputs, weights, bias } = network[0]!;
    if (bias !== undefined) out.set(bias, set * first);
    for (let input = 0; input < inputs; input++) {
      const row = weights.subarray(input * outputs, (input + 1) * outputs);
      out.set(row, ((input + 1) * networks.length + set) * first);
    }
  }
}

/**
 * The second layer on the line at a β: of each first unit, groups of four second units, of which the
 * four weights at α = 0 come first and the direction's four next.
 *
 * @param out first units × 2·second
 * @param biases in the same groups, 2·second
 * @param second padded units of the layer
 */
export function fillSecondLayer(
  out: Float32Array,
  biases: Float32Array,
  grid: Grid,
  second: number,
  beta: number,
): void {
  const { inputs, outputs } = grid.centre[1]!;
  const valueAt = onLine(grid, 1, beta);
  const direction = grid.directions[0]![1]!;
  for (let input = 0; input < inputs; input++) {
    const row = input * second * 2;
    for (let output = 0; output < outputs; output++) {
      const weight = input * outputs + output;
      out[row + groupedPlace(output)] = valueAt("weights", weight);
      out[row + groupedPlace(output) + 4] = direction.weights[weight]!;
    }
  }
  for (let output = 0; output < outputs; output++) {
    biases[groupedPlace(output)] = valueAt("bias", output);
    biases[groupedPlace(output) + 4] = direction.bias?.[output] ?? 0;
  }
}

/** Where a unit stands among groups of (4 centre, 4 direction). */
function groupedPlace(unit: number): number {
  return (unit & ~3) * 2 + (unit & 3);
}

/**
 * The last layer's weights and bias at every point of the line at a β. A network with one hidden
 * layer has no third one: its only second unit, the prediction, gets the weight 1.
 *
 * @param out points × second units; by segments, four points × groups of four units
 * @param biases one per point
 */
export function fillLastLayer(
  out: Float32Array,
  biases: Float32Array,
  grid: Grid,
  second: number,
  beta: number,
  bySegments: boolean,
): void {
  const last = grid.centre[2];
  const valueAt = onLine(grid, 2, beta);
  const direction: DenseLayer | undefined = grid.directions[0]![2];
  const place = (point: number, unit: number): number =>
    bySegments
      ? (point & ~3) * second + (unit & ~3) * 4 + (point & 3) * 4 + (unit & 3)
      : point * second + unit;
  for (const [point, alpha] of grid.alphas.entries()) {
    if (last === undefined || direction === undefined) {
      out[place(point, 0)] = 1;
      continue;
    }
    for (let input = 0; input < last.inputs; input++) {
      out[place(point, input)] = valueAt("weights", input) + alpha * direction.weights[input]!;
    }
    biases[point] = valueAt("bias", 0) + alpha * (direction.bias?.[0] ?? 0);
  }
}

/** A layer's numbers at α = 0 of the line at a β. */
function onLine(
  { centre, directions }: Grid,
  layer: number,
  beta: number,
): (key: "weights" | "bias", at: number) => number {
  const around = centre[layer];
  const second = directions[1]?.[layer];
  return (key, at) => (around?.[key]?.[at] ?? 0) + beta * (second?.[key]?.[at] ?? 0);
}
