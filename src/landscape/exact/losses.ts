import type { Batch } from "../../stream/index.js";
import { networkAt, squaredErrors } from "./network.js";
import { pointsOf } from "../points/grid.js";
import type { Grid } from "../points/grid.js";

/** Numbers this large, summed and multiplied once more, still fit in float32 (3.4·10³⁸). */
const LARGEST_SAFE = 1e36;
/** Rows between two pauses. */
const PART_ROWS = 256;

/** The largest magnitude among numbers, at least 1. */
function reachOf(values: Float64Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
}

/**
 * Whether rows can pass through a grid's network in float32 at every point without overflow: whether
 * max|x| times the product over layers of the largest Σ|c| + |α||v| + |β||u| into a unit, bias
 * included, is small enough. NaN does not fit.
 *
 * @returns a function of the features of some rows
 */
export function fitsFloat32(grid: Grid): (x: Float32Array) => boolean {
  const reaches = [reachOf(grid.alphas), reachOf(grid.betas)];
  let growth = 1;
  for (const [index, { inputs, outputs, weights, bias }] of grid.centre.entries()) {
    let largest = 1;
    for (let output = 0; output < outputs; output++) {
      let sum = Math.abs(bias?.[output] ?? 0);
      for (const [axis, direction] of grid.directions.entries()) {
        sum += reaches[axis]! * Math.abs(direction[index]!.bias?.[output] ?? 0);
      }
      for (let input = 0; input < inputs; input++) {
        const at = input * outputs + output;
        sum += Math.abs(weights[at]!);
        for (const [axis, direction] of grid.directions.entries()) {
          sum += reaches[axis]! * Math.abs(direction[index]!.weights[at]!);
        }
      }
      largest = Math.max(largest, sum);
    }
    growth *= largest;
  }
  return (x) => {
    const limit = LARGEST_SAFE / growth;
    // A bias is an input of 1.
    let fits = limit >= 1;
    for (let at = 0; fits && at < x.length; at++) fits = Math.abs(x[at]!) <= limit;
    return fits;
  };
}

/**
 * The losses at every point by plain forward passes in float64: slow, for values that float32 cannot
 * hold. Where a sum overflows (∞ − ∞ within a unit), the loss is Infinity, unless the data or the
 * weights have a NaN.
 */
export async function exactLosses(
  grid: Grid,
  batch: Pick<Batch, "x" | "y" | "rows">,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const losses = new Float64Array(pointsOf(grid));
  let point = 0;
  for (const beta of grid.betas) {
    for (const alpha of grid.alphas) {
      const network = networkAt(grid, alpha, beta);
      let sum = 0;
      for (let from = 0; from < batch.rows; from += PART_ROWS) {
        sum += squaredErrors(network, batch, from, Math.min(batch.rows, from + PART_ROWS));
        await pause();
      }
      losses[point++] =
        Number.isNaN(sum) && !hasNaN(numbersOf(grid, batch)) ? Infinity : sum / batch.rows;
    }
  }
  return losses;
}

/** All numbers that the losses of a batch are computed from. */
function numbersOf(
  { centre, directions }: Grid,
  { x, y, rows }: Pick<Batch, "x" | "y" | "rows">,
): Float32Array[] {
  const weights = [centre, ...directions]
    .flat()
    .flatMap((layer) => (layer.bias === undefined ? [layer.weights] : [layer.weights, layer.bias]));
  return [...weights, x.subarray(0, rows * centre[0]!.inputs), y.subarray(0, rows)];
}

/** Whether there is a NaN among the numbers. */
export function hasNaN(numbers: readonly Float32Array[]): boolean {
  return numbers.some((values) => values.some(Number.isNaN));
}
