/*
 * Values on their way from a file's columns to a row-major table: cast, standardised if that is
 * wanted, and spread. All arithmetic is in float64; only what is stored is rounded, once.
 */

/** Numbers as they lie in a file or a table. */
export type Floats = Float32Array | Float64Array;

/** value ↦ (value − mean) / scale, one entry a column: the D features first, then the target. */
export interface Standardization {
  mean: Float64Array | readonly number[];
  scale: Float64Array | readonly number[];
}

/** Rows of the table that are filled column by column before the next ones: they stay in the first cache. */
const TILE_VALUES = 4096;

/** How many rows a tile has, where a row has so many columns. */
export function tileRows(columns: number): number {
  return Math.max(16, Math.floor(TILE_VALUES / columns));
}

/**
 * Puts `count` values from `from` on into every `stride`-th place of the target.
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
  standardize: Standardization | undefined,
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
 * Standardises row-major values where they lie.
 *
 * @param stride columns a row
 * @param firstColumn the entry of a row's first value in `standardize`
 */
export function standardizeRows(
  values: Floats,
  from: number,
  rows: number,
  stride: number,
  firstColumn: number,
  { mean, scale }: Standardization,
): void {
  // A row at a time and plain arrays' elements fetched once: the numbers of a few columns stay in registers or the first cache.
  for (let row = 0, index = from * stride; row < rows; row++) {
    for (let column = firstColumn; column < firstColumn + stride; column++, index++) {
      values[index] = (values[index]! - mean[column]!) / scale[column]!;
    }
  }
}
