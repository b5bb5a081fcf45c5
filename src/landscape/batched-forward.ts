import { add, matMul, tensor1d, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { ACTIVATIONS } from "../train/index.js";
import { exactLosses, fitsFloat32 } from "./float64.js";
import { pointsOf, toMeans } from "./method.js";
import type { Grid, SliceMethod } from "./method.js";
import { breather } from "../common/pause.js";

interface Point {
  alpha: number;
  beta: number;
}

/** Activations of a part of the rows that may exist at once, in numbers. */
const partActivations = 1 << 22;

/**
 * Forward passes on the current tfjs backend, for dense networks of any depth: a batch stays on the
 * backend while the weights of one point after the other pass by, so that the data pass once and no
 * more than one point's weights exist at a time. Arithmetic is float32, sums are float64. A batch
 * that could overflow float32 is computed in float64 instead.
 */
export function batchedForward(grid: Grid): SliceMethod {
  const { centre, directions, alphas, betas } = grid;
  const features = centre[0]!.inputs;
  const fits = fitsFloat32(grid);
  const widest = Math.max(features, ...centre.map((layer) => layer.outputs));
  const partRows = Math.max(1, Math.floor(partActivations / widest));

  function moved(values: Float32Array, layer: number, key: "weights" | "bias", at: Point) {
    const first = directions[0]![layer]![key];
    const second = directions[1]?.[layer]![key];
    return Float32Array.from(
      values,
      (value, index) => value + at.alpha * (first?.[index] ?? 0) + at.beta * (second?.[index] ?? 0),
    );
  }

  function predict(x: Tensor2D, at: Point): Tensor2D {
    return tidy(() => {
      let values = x;
      for (const [index, { inputs, outputs, weights, bias, activation }] of centre.entries()) {
        const kernel = tensor2d(moved(weights, index, "weights", at), [inputs, outputs]);
        values = matMul(values, kernel);
        if (bias !== undefined) {
          const biases: Tensor1D = tensor1d(moved(bias, index, "bias", at));
          values = add(values, biases);
        }
        values = ACTIVATIONS[activation].apply(values);
      }
      return values;
    });
  }

  return {
    name: "batched-forward",
    simd: "none",
    parallel: 1,
    async losses(batch, signal) {
      const breathe = breather(signal);
      if (!fits(batch.x.subarray(0, batch.rows * features)))
        return exactLosses(grid, batch, breathe);
      const sums = new Float64Array(pointsOf(grid));
      for (let from = 0; from < batch.rows; from += partRows) {
        const to = Math.min(batch.rows, from + partRows);
        const part = batch.x.slice(from * features, to * features);
        const x = tensor2d(part, [to - from, features]);
        try {
          for (let point = 0; point < sums.length; point++) {
            const predictions = predict(x, {
              alpha: alphas[point % alphas.length]!,
              beta: betas[Math.floor(point / alphas.length)]!,
            });
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
      return toMeans(sums, batch.rows);
    },
    dispose() {},
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
