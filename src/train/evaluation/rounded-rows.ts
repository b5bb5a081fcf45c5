import { exceedsFloat32, measureRounding, roundingWarnings } from "../../storage/index.js";
import type { Dataset } from "../../stream/index.js";
import type { TrainingSettings } from "../resolve-options.js";

/** Rows on which the rounding is measured, at most. They take a fraction of a second. */
const ROWS = 10_000;

/**
 * Warnings about columns whose values lose digits because training takes rows in float32; none where the
 * rows are standardised and for the closed form, which both read float64.
 */
export async function roundedRowsWarnings(
  dataset: Dataset,
  { optimizer, standardization }: TrainingSettings,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (optimizer === "closed-form" || standardization !== null) return [];
  if (!dataset.columnTypes.some(exceedsFloat32)) return [];
  const names = [...dataset.featureNames, dataset.targetName];
  for await (const { x, y, rows } of dataset.float64Rows({ rows: ROWS, signal })) {
    const rounding = measureRounding(x, y, rows, dataset.features);
    // The first 4 MiB of rows are enough.
    return roundingWarnings(names, rounding, "train with the option standardize");
  }
  return [];
}
