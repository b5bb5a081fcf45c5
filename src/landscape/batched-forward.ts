import { matMul, relu, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { exactLosses, fitsFloat32 } from "./float64.js";
import { pointsOf, toMeans } from "./method.js";
import type { Grid, SliceMethod } from "./method.js";
import { breather } from "../common/pause.js";

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

  function weightsOf(layer: number, alpha: number, beta: number): Tensor2D {
    const { inputs, outputs, weights } = centre[layer]!;
    const first = directions[0]![layer]!.weights;
    const second = directions[1]?.[layer]!.weights;
    const values = Float32Array.from(
      weights,
      (value, at) => value + alpha * first[at]! + (second === undefined ? 0 : beta * second[at]!),
    );
    return tensor2d(values, [inputs, outputs]);
  }

  function predict(x: Tensor2D, alpha: number, beta: number): Tensor2D {
    return tidy(() => {
      let values = x;
      for (const [index, layer] of centre.entries()) {
        values = matMul(values, weightsOf(index, alpha, beta));
        if (layer.activation === "relu") values = relu(values);
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
            const alpha = alphas[point % alphas.length]!;
            const beta = betas[Math.floor(point / alphas.length)]!;
            const predictions = predict(x, alpha, beta);
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
