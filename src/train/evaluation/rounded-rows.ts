import { exceedsFloat32, measureRounding, roundingWarnings } from "../../storage/index.js";
import type { Dataset } from "../../stream/index.js";

/** Whether training, which takes rows in float32, may round values. */
export function isRounded({ columnTypes }: Dataset): boolean {
  return columnTypes.some(exceedsFloat32);
}

/** Warnings about columns of some rows whose values lose digits in float32. */
export function roundedRowsWarnings(
  { features, featureNames, targetName }: Dataset,
  { x, y, rows }: { x: Float64Array; y: Float64Array; rows: number },
): string[] {
  const rounding = measureRounding(x, y, rows, features);
  const names = [...featureNames, targetName];
  return roundingWarnings(names, rounding, "train with the option standardize");
}
