import { createPause } from "../../common/pause.js";
import { quadratic } from "./curves.js";
import { loadKernel } from "./kernel.js";
import { toMeans } from "../points/grid.js";
import type { SliceMethod } from "./types.js";
import type { Grid } from "../points/grid.js";

/** Bytes of rows a part; between parts the event loop may go round. */
const partBytes = 1 << 20;

/**
 * The linear model: with r = x·c − y the residual at the centre, q = x·v and s = x·u, the loss at
 * every point is the mean of (r + αq + βs)², so that the means of r², rq, q², and of a plane also of
 * rs, qs and s², give any number of points. It is exact up to float64 rounding, and free of the
 * cancellation that wᵀXᵀXw − 2wᵀXᵀy + yᵀy suffers near the optimum. The sums are the kernel's, in
 * float64 SIMD: products of float32 numbers are exact in it.
 */
export async function linearSums(grid: Grid): Promise<SliceMethod> {
  // Float64 sums have no use for fused instructions that differ from machine to machine.
  const kernel = loadKernel("fixed");
  const features = grid.centre[0]!.inputs;
  const partRows = Math.max(1, Math.floor(partBytes / (4 * features)));
  const weights = kernel.reserve((features + 1) * 32);
  const sumsAt = kernel.reserve(48);
  const x = kernel.reserve(partRows * features * 4);
  const y = kernel.reserve(partRows * 4);
  const bytes = kernel.memory.buffer;
  const xPart = new Float32Array(bytes, x, partRows * features);
  const yPart = new Float32Array(bytes, y, partRows);
  const sums = new Float64Array(bytes, sumsAt, 6);
  const layers = [grid.centre, ...grid.directions].map(([layer]) => layer!);
  for (const [set, layer] of layers.entries()) {
    const column = new Float64Array(bytes, weights, (features + 1) * 4);
    for (let input = 0; input < features; input++) column[input * 4 + set] = layer.weights[input]!;
    column[features * 4 + set] = layer.bias?.[0] ?? 0;
  }
  return {
    name: "linear-sums",
    simd: kernel.simd,
    parallel: 1,
    curves: quadratic(grid),
    async evaluate(batch, signal) {
      const pause = createPause(signal);
      sums.fill(0);
      for (let from = 0; from < batch.rows; from += partRows) {
        const rows = Math.min(partRows, batch.rows - from);
        xPart.set(batch.x.subarray(from * features, (from + rows) * features));
        yPart.set(batch.y.subarray(from, from + rows));
        kernel.addLinearSums(x, y, rows, features, weights, layers.length === 3, sumsAt);
        await pause();
      }
      return toMeans(sums.slice(), batch.rows);
    },
    dispose() {},
  };
}
