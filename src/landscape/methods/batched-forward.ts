import { tensor2d } from "@tensorflow/tfjs-core";
import { breather } from "../../common/pause.js";
import { createForward, featuresOf } from "../../model/index.js";
import type { Forward } from "../../model/index.js";
import { pointwise } from "./curves.js";
import { vectorsOf } from "../directions/weights.js";
import { exactLosses, fitsFloat32, hasNaN } from "../exact/losses.js";
import { isDenseGrid } from "../axes.js";
import { pointsOf, toMeans } from "../points/grid.js";
import type { SliceMethod } from "./method.js";
import type { AnyGrid } from "../points/grid.js";

/**
 * Forward passes on the current tfjs backend, for any network: a batch stays on the backend while
 * the weights of one point after the other pass by, so that the data pass once and no more than one
 * point's weights exist at a time. Arithmetic is float32, sums are float64. A batch that could
 * overflow float32 is computed in float64 instead where the network is one of dense layers; of
 * others, a loss that overflows is Infinity.
 */
export function batchedForward(grid: AnyGrid): SliceMethod {
  const { centre, directions, alphas, betas } = grid;
  const features = featuresOf(centre);
  const exact = isDenseGrid(grid) ? { grid, fits: fitsFloat32(grid) } : undefined;
  let created: Promise<Forward> | undefined;
  const around = vectorsOf(centre);
  const [first = [], second = []] = directions.map(vectorsOf);

  function at(alpha: number, beta: number): Float32Array[] {
    return around.map((values, vector) =>
      Float32Array.from(
        values,
        (value, index) =>
          value + alpha * (first[vector]?.[index] ?? 0) + beta * (second[vector]?.[index] ?? 0),
      ),
    );
  }

  return {
    name: "batched-forward",
    simd: "none",
    parallel: 1,
    curves: pointwise(grid),
    async evaluate(batch, signal) {
      const breathe = breather(signal);
      if (exact !== undefined && !exact.fits(batch.x.subarray(0, batch.rows * features))) {
        return exactLosses(exact.grid, batch, breathe);
      }
      const forward = await (created ??= createForward(centre));
      const { partRows } = forward;
      const sums = new Float64Array(pointsOf(grid));
      for (let from = 0; from < batch.rows; from += partRows) {
        const to = Math.min(batch.rows, from + partRows);
        const part = batch.x.slice(from * features, to * features);
        const x = tensor2d(part, [to - from, features]);
        try {
          for (let point = 0; point < sums.length; point++) {
            forward.replace(
              at(alphas[point % alphas.length]!, betas[Math.floor(point / alphas.length)]!),
            );
            const predictions = forward.apply(x);
            try {
              sums[point]! += squaredErrors(await predictions.data(), batch.y, from);
            } finally {
              predictions.dispose();
            }
            await breathe();
          }
        } finally {
          x.dispose();
        }
      }
      const numbers = () => [
        ...[centre, ...directions].flatMap(vectorsOf),
        batch.x.subarray(0, batch.rows * features),
        batch.y.subarray(0, batch.rows),
      ];
      if (exact === undefined && sums.some(Number.isNaN) && !hasNaN(numbers())) {
        // ∞ − ∞ on the way.
        for (const [point, sum] of sums.entries()) if (Number.isNaN(sum)) sums[point] = Infinity;
      }
      return toMeans(sums, batch.rows);
    },
    async dispose() {
      (await created)?.dispose();
    },
  };
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
