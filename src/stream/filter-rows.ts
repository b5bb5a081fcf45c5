import type { Batch } from "./types.js";

/**
 * The batch of those rows for which the function is true, in their order; it may be empty.
 *
 * @param keep gets a row's D features (a view, valid during the call) and its target
 */
export function filterRows(
  batch: Batch,
  keep: (features: Float32Array, target: number) => boolean,
): Batch {
  const features = batch.rows === 0 ? 0 : batch.x.length / batch.rows;
  const x = new Float32Array(batch.x.length);
  const y = new Float32Array(batch.rows);
  let rows = 0;
  for (let row = 0; row < batch.rows; row++) {
    const values = batch.x.subarray(row * features, (row + 1) * features);
    const target = batch.y[row]!;
    if (!keep(values, target)) continue;
    x.set(values, rows * features);
    y[rows++] = target;
  }
  return { ...batch, x: x.subarray(0, rows * features), y: y.subarray(0, rows), rows };
}
