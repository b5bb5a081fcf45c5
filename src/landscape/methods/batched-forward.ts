import { tensor2d } from "@tensorflow/tfjs-core";
import { createPause } from "../../common/pause.js";
import type { Batch } from "../../stream/index.js";
import { createForward, featuresOf } from "../../model/index.js";
import type { Forward } from "../../model/index.js";
import { pointwise } from "./curves.js";
import { vectorsOf } from "../directions/weights.js";
import { exactLosses, fitsFloat32, hasNaN } from "../exact/losses.js";
import { isDenseGrid } from "../axes.js";
import { pointsOf, toMeans } from "../points/grid.js";
import type { SliceMethod } from "./types.js";
import type { AnyGrid } from "../points/grid.js";

/**
 * Forward passes on the current TensorFlow.js backend, for any network. A batch stays on the backend
 * while it is evaluated at one point after the other: the data are read once, and the weights of one
 * point exist at a time. Arithmetic is float32, sums are float64. A batch that could overflow float32
 * is computed in float64 instead if the network has dense layers only; of other networks, a loss that
 * overflows is Infinity.
 */
export function batchedForward(grid: AnyGrid): SliceMethod {
  const features = featuresOf(grid.centre);
  const exact = isDenseGrid(grid) ? { grid, fits: fitsFloat32(grid) } : undefined;
  let created: Promise<Forward> | undefined;
  return {
    name: "batched-forward",
    simd: "none",
    parallel: 1,
    curves: pointwise(grid),
    async evaluate(batch, signal) {
      const pause = createPause(signal);
      if (exact !== undefined && !exact.fits(batch.x.subarray(0, batch.rows * features))) {
        return exactLosses(exact.grid, batch, pause);
      }
      const forward = await (created ??= createForward(grid.centre));
      const sums = await sumErrors(forward, grid, batch, pause);
      if (exact === undefined && sums.some(Number.isNaN) && !hasNaN(numbersOf(grid, batch))) {
        // A sum has overflowed on the way (∞ − ∞).
        for (const [point, sum] of sums.entries()) if (Number.isNaN(sum)) sums[point] = Infinity;
      }
      return toMeans(sums, batch.rows);
    },
    async dispose() {
      (await created)?.dispose();
    },
  };
}

/** The sums of a batch's squared errors at every point. */
async function sumErrors(
  forward: Forward,
  grid: AnyGrid,
  batch: Pick<Batch, "x" | "y" | "rows">,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const { alphas, betas } = grid;
  const features = featuresOf(grid.centre);
  const weightsAt = pointWeights(grid);
  const sums = new Float64Array(pointsOf(grid));
  const { passRows } = forward;
  for (let from = 0; from < batch.rows; from += passRows) {
    const to = Math.min(batch.rows, from + passRows);
    const x = tensor2d(batch.x.slice(from * features, to * features), [to - from, features]);
    try {
      for (let point = 0; point < sums.length; point++) {
        const beta = betas[Math.floor(point / alphas.length)]!;
        forward.replace(weightsAt(alphas[point % alphas.length]!, beta));
        const predictions = forward.apply(x);
        try {
          sums[point]! += squaredErrors(await predictions.data(), batch.y, from);
        } finally {
          predictions.dispose();
        }
        await pause();
      }
    } finally {
      x.dispose();
    }
  }
  return sums;
}

/** The network's vectors at a point, in float32. */
function pointWeights({ centre, directions }: AnyGrid) {
  const around = vectorsOf(centre);
  const [first = [], second = []] = directions.map(vectorsOf);
  return (alpha: number, beta: number): Float32Array[] =>
    around.map((values, vector) =>
      Float32Array.from(
        values,
        (value, index) =>
          value + alpha * (first[vector]?.[index] ?? 0) + beta * (second[vector]?.[index] ?? 0),
      ),
    );
}

/** All numbers that the losses of a batch are computed from. */
function numbersOf(
  { centre, directions }: AnyGrid,
  { x, y, rows }: Pick<Batch, "x" | "y" | "rows">,
): Float32Array[] {
  const weights = [centre, ...directions].flatMap(vectorsOf);
  return [...weights, x.subarray(0, rows * featuresOf(centre)), y.subarray(0, rows)];
}

/** The sum of squared errors of the predictions of rows from, from+1, … */
function squaredErrors(predictions: ArrayLike<number>, y: Float32Array, from: number): number {
  let sum = 0;
  for (let row = 0; row < predictions.length; row++) {
    const error = predictions[row]! - y[from + row]!;
    sum += error * error;
  }
  return sum;
}
