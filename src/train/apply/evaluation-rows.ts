import { exceedsFloat32 } from "../../storage/index.js";
import type { BatchOptions, Dataset } from "../../stream/index.js";

/** Rows whose predictions are measured or written. */
export interface EvaluationRows {
  /** rows × D features for the network, row-major. */
  x: Float32Array;
  /** The targets, as float64 where the source has a type wider than float32. */
  y: Float32Array | Float64Array;
  rows: number;
}

/**
 * A dataset's rows in file order. Values of a source that has a type wider than float32 are read and
 * standardised in float64: only the features are rounded to float32, which is what networks take, so
 * that errors of predictions are errors against the source's own targets. Arrays may be used again once the next rows are asked for.
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
