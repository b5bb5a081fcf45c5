import type { Dataset } from "../../stream/index.js";
import type { TrainingSettings } from "../resolve-options.js";
import { differentScalesWarnings } from "./different-scales.js";
import { isRounded, roundedRowsWarnings } from "./rounded-rows.js";

/** Rows that are looked at, at most. They take a fraction of a second. */
const ROWS = 10_000;

/**
 * Warnings about a dataset's first rows, as training would take them: columns that lose digits in float32, and features
 * whose scales differ widely. None where the rows are standardised in float64, and for the closed form, which reads
 * float64 and takes no steps.
 *
 * @param isTable whether the features may have different scales; those of synthetic data have one
 */
export async function firstRowsWarnings(
  dataset: Dataset,
  { optimizer, standardization }: TrainingSettings,
  isTable: boolean,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (optimizer === "closed-form" || standardization !== null) return [];
  if (!isTable && !isRounded(dataset)) return [];
  // The first 4 MiB of rows are enough.
  for await (const first of dataset.float64Rows({ rows: ROWS, signal })) {
    return [
      ...(isRounded(dataset) ? roundedRowsWarnings(dataset, first) : []),
      ...(isTable ? differentScalesWarnings(dataset, first) : []),
    ];
  }
  return [];
}
