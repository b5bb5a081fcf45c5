import type { BatchOptions, Dataset } from "../../stream/index.js";

/** Rows whose predictions are measured or written. */
export interface EvaluationRows {
  /** rows × D features for the network, row-major. */
  x: Float32Array;
  /** The targets; of a foreign table in the precision of its files. */
  y: Float32Array | Float64Array;
  rows: number;
}

/**
 * A dataset's rows in file order. A foreign table's values are read and standardised in float64: only
 * the features are rounded to float32, which is what networks take, so that errors of predictions
 * are errors against the source's own targets. Arrays may be used again once the next rows are asked for.
 *
 * @yields some rows at a time
 */
export async function* evaluationRows(
  dataset: Dataset,
  options: BatchOptions,
): AsyncGenerator<EvaluationRows, void, void> {
  if (dataset.manifest.kind !== "foreign") {
    yield* dataset.batches({ ...options, shuffle: "none", recycle: true });
    return;
  }
  const { batchSize, standardize, signal } = options;
  const exact = dataset.float64Rows({
    batchSize,
    ...(standardize && { standardize }),
    ...(signal && { signal }),
  });
  for await (const { x, y, rows } of exact) yield { x: Float32Array.from(x), y, rows };
}
