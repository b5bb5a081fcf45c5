import type { Floats, ColumnScales } from "../format/types.js";

/*
 * Puts the values of columns into row-major tables: cast, and standardised where that is wanted. All
 * arithmetic is in float64; each value is rounded once, when it is stored.
 */

/** Values that are spread at once: few enough for the first-level cache. */
const TILE_VALUES = 4096;

/** Puts D columns into row-major rows, a tile after the other. */
export function spreadColumns(
  columns: readonly Floats[],
  from: number,
  rows: number,
  target: Floats,
  at: number,
  standardize: ColumnScales | undefined,
): void {
  const width = columns.length;
  const tile = Math.max(16, Math.floor(TILE_VALUES / width));
  for (let row = 0; row < rows; row += tile) {
    const count = Math.min(tile, rows - row);
    for (let column = 0; column < width; column++) {
      const to = (at + row) * width + column;
      spreadColumn(columns[column]!, from + row, count, target, to, width, column, standardize);
    }
  }
}

/**
 * Puts `count` values from `from` on into every `stride`-th element of the target from `at` on.
 *
 * @param column the values' entry in `standardize`
 */
export function spreadColumn(
  values: Floats,
  from: number,
  count: number,
  target: Floats,
  at: number,
  stride: number,
  column: number,
  standardize: ColumnScales | undefined,
): void {
  const end = from + count;
  if (standardize === undefined) {
    for (let index = from, to = at; index < end; index++, to += stride) {
      target[to] = values[index]!;
    }
    return;
  }
  const mean = standardize.mean[column]!;
  const scale = standardize.scale[column]!;
  for (let index = from, to = at; index < end; index++, to += stride) {
    target[to] = (values[index]! - mean) / scale;
  }
}

/**
 * Standardises row-major values in place.
 *
 * @param stride values a row
 * @param firstColumn entry in `standardize` of a row's first value
 */
export function standardizeRows(
  values: Floats,
  from: number,
  rows: number,
  stride: number,
  firstColumn: number,
  { mean, scale }: ColumnScales,
): void {
  // A row at a time: the means and scales of a few columns stay in registers or the first-level cache.
  for (let row = 0, index = from * stride; row < rows; row++) {
    for (let column = firstColumn; column < firstColumn + stride; column++, index++) {
      values[index] = (values[index]! - mean[column]!) / scale[column]!;
    }
  }
}
