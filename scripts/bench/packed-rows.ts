import { closeSync, openSync, writeSync } from "node:fs";
import { openDataset } from "../../src/stream/index.js";

/** Writes a dataset's rows to a file of float32 and nothing else: each row's features, then its target. */
export async function packRows(source: string, file: string): Promise<void> {
  const dataset = await openDataset(source);
  const { features } = dataset;
  const descriptor = openSync(file, "w");
  try {
    for await (const { x, y, rows } of dataset.batches({ batchSize: 10_000, recycle: true })) {
      const packed = new Float32Array(rows * (features + 1));
      for (let row = 0; row < rows; row++) {
        packed.set(x.subarray(row * features, (row + 1) * features), row * (features + 1));
        packed[row * (features + 1) + features] = y[row] ?? NaN;
      }
      writeSync(descriptor, packed);
    }
  } finally {
    closeSync(descriptor);
  }
}
