import { plainNumber } from "../../common/text/numbers.js";
import { standardizedFeatures, type Dataset, type Standardization } from "../../stream/index.js";
import { createPredictor } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import type { RunRecord, FoldingError } from "../types.js";

/** Rows on which folding is measured, at most. They take a fraction of a second. */
const ROWS = 10_000;

/** Users are warned if folding loses more than this fraction of the target's standard deviation. */
const TOLERATED = 1e-3;

/**
 * Measures the precision that is lost when the standardisation is folded into float32 weights. It compares
 * the trained network's predictions of rows standardised in float64 with the folded network's predictions
 * of the same rows in original units, rounded to float32.
 */
export async function foldingError(
  network: Network,
  folded: Network,
  { features, target }: Standardization,
  dataset: Dataset,
): Promise<FoldingError | undefined> {
  for await (const { x, y, rows } of dataset.float64Rows({ rows: ROWS })) {
    const exact = await predictionsOf(network, standardizedFeatures(x, features), rows);
    const found = await predictionsOf(folded, Float32Array.from(x), rows);
    const { mean, scale } = target ?? { mean: 0, scale: 1 };
    let largest = 0;
    for (const [row, output] of exact.entries()) {
      const difference = Math.abs(output * scale + mean - found[row]!);
      if (!(difference <= largest)) largest = difference;
    }
    // The first 4 MiB of rows are enough.
    return Number.isFinite(largest)
      ? { largest, spread: target?.scale ?? spreadOf(y), rows }
      : undefined;
  }
  return undefined;
}

async function predictionsOf(
  network: Network,
  x: Float32Array,
  rows: number,
): Promise<Float32Array> {
  const predictor = await createPredictor(network);
  try {
    return Float32Array.from(await predictor.predict(x, rows));
  } finally {
    predictor.dispose();
  }
}

function spreadOf(y: Float64Array): number {
  const mean = y.reduce((sum, value) => sum + value / y.length, 0);
  return Math.sqrt(y.reduce((sum, value) => sum + (value - mean) ** 2 / y.length, 0));
}

/**
 * Warnings for users of a run's `model/` or of weights exported from it; none where folding lost next to
 * nothing.
 */
export function foldingWarnings({ result }: Pick<RunRecord, "result">): string[] {
  const found = result?.folding;
  if (found === undefined || found.largest <= TOLERATED * found.spread) return [];
  const [error, spread] = [found.largest, found.spread].map((value) => plainNumber(value, 3));
  return [
    `The model with the standardisation folded into its float32 weights predicts with an error of up to ${error}, where the target's standard deviation is ${spread}; ` +
      "use vadi predict, which standardises in float64, or subtract a constant such as the mean from columns of large values before training.",
  ];
}
