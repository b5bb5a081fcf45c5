import { plainNumber } from "../../common/text/numbers.js";
import { standardizedFeatures, type Dataset, type Standardization } from "../../stream/index.js";
import { createPredictor } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import type { RunRecord, FoldingError } from "../types.js";

/** The most rows on which folding is measured; they take a fraction of a second. */
const ROWS = 10_000;

/** What of the target's standard deviation folding may lose before users are warned. */
const TOLERATED = 1e-3;

/**
 * Measures what folding the standardisation into float32 weights loses. The trained network's
 * predictions, of rows that are standardised in float64, are compared with those of the folded
 * network, of the same rows as they are, rounded to float32.
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
    // The first part is enough: it has 4 MiB.
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
 * Sentences for users of a run's `model/` or of what is exported from it; none where folding lost
 * next to nothing.
 */
export function foldingWarnings({ result }: Pick<RunRecord, "result">): string[] {
  const found = result?.folding;
  if (found === undefined || found.largest <= TOLERATED * found.spread) return [];
  const [error, spread] = [found.largest, found.spread].map((value) => plainNumber(value, 3));
  return [
    `The model with the standardisation folded into its float32 weights predicts up to ${error} off, where the target's standard deviation is ${spread}; ` +
      "use vadi predict, which standardises in float64, or subtract a constant such as the mean from columns of large values before training.",
  ];
}
