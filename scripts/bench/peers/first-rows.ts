import type { Dataset } from "../../../src/stream/index.js";

/** The first rows of a dataset in memory: x is rows × D. */
export async function firstRows(
  dataset: Dataset,
  rows: number,
): Promise<{ x: Float32Array; y: Float32Array; rows: number }> {
  const x = new Float32Array(rows * dataset.features);
  const y = new Float32Array(rows);
  let done = 0;
  for await (const batch of dataset.batches({ batchSize: 10_000 })) {
    const count = Math.min(batch.rows, rows - done);
    x.set(batch.x.subarray(0, count * dataset.features), done * dataset.features);
    y.set(batch.y.subarray(0, count), done);
    done += count;
    if (done === rows) break;
  }
  return { x, y, rows: done };
}
