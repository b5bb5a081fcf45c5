import { exceedsFloat32 } from "../../storage/index.js";
import type { BatchOptions, Dataset } from "../../stream/index.js";

/** Rows to predict, with their targets. */
export interface EvaluationRows {
  /** rows × D features for the network, row-major. */
  x: Float32Array;
  /** The targets; float64 where the source has a type wider than float32. */
  y: Float32Array | Float64Array;
  rows: number;
}

/**
 * A dataset's rows in file order. If the source has a type wider than float32, values are read and
 * standardised in float64 and only the features are rounded to float32, for the network, so that
 * predictions are compared with the source's own targets. The arrays may be overwritten when the next rows
 * are requested.
 *
 * @yields some rows at a time
 */
export async function* evaluationRows(
  dataset: Dataset,
  options: BatchOptions,
): AsyncGenerator<EvaluationRows, void, void> {
  if (!dataset.columnTypes.some(exceedsFloat32)) {
    yield* dataset.batches({ ...options, shuffle: "none", recycle: true });
    return;
  }
  const { batchSize, memory, standardize, signal } = options;
  const exact = dataset.float64Rows({ batchSize, memory, standardize, signal });
  for await (const { x, y, rows } of exact) yield { x: new Float32Array(x), y, rows };
}
