import { plainNumber } from "../../common/text/numbers.js";
import { z } from "zod/mini";
import { mergeMoments } from "./moments.js";

/** Rounding errors up to this fraction of a column's standard deviation need no warning. */
const TOLERATED = 1e-3;

/** How much a column's float64 values lose when they are rounded to float32. */
export const columnRoundingSchema = z.strictObject({
  rows: z.number().check(z.int(), z.nonnegative()),
  mean: z.number(),
  /** Σ(v − mean)². */
  squares: z.number().check(z.nonnegative()),
  /** The largest |v − float32(v)|. */
  largest: z.number().check(z.nonnegative()),
});

export type ColumnRounding = z.infer<typeof columnRoundingSchema>;

/** Measures the rounding of rows × D features and of targets, the target's column last. */
export function measureRounding(
  x: Float64Array,
  y: Float64Array,
  rows: number,
  features: number,
): ColumnRounding[] {
  return Array.from({ length: features + 1 }, (_, column) =>
    column === features ? roundingOf(y, 0, 1, rows) : roundingOf(x, column, features, rows),
  );
}

function roundingOf(
  values: Float64Array,
  first: number,
  stride: number,
  rows: number,
): ColumnRounding {
  // Relative to the first value, so that large values that differ little keep their digits.
  const origin = rows > 0 ? values[first]! : 0;
  let sum = 0;
  let squares = 0;
  let largest = 0;
  for (let row = 0, at = first; row < rows; row++, at += stride) {
    const value = values[at]!;
    const difference = value - origin;
    sum += difference;
    squares += difference * difference;
    largest = Math.max(largest, Math.abs(value - Math.fround(value)));
  }
  const shift = rows > 0 ? sum / rows : 0;
  return { rows, mean: origin + shift, squares: Math.max(0, squares - sum * shift), largest };
}

/** The rounding of two sets of rows together. */
export function mergeRounding(
  ones: readonly ColumnRounding[],
  others: readonly ColumnRounding[],
): ColumnRounding[] {
  return ones.map((one, column) => {
    const other = others[column]!;
    return { ...mergeMoments(one, other), largest: Math.max(one.largest, other.largest) };
  });
}

/**
 * The rounding of all shards together where it was measured, merged in their order, so that the sums are the same with
 * any number of threads.
 */
export function mergeAllRounding(
  shards: readonly { rounding?: ColumnRounding[] }[],
): ColumnRounding[] | undefined {
  const measured = shards.flatMap(({ rounding }) => (rounding === undefined ? [] : [rounding]));
  return measured.length === 0 ? undefined : measured.reduce(mergeRounding);
}

/**
 * A sentence for every column in which float32 rounds a value by more than a thousandth of the
 * column's standard deviation.
 *
 * @param names of the columns, the target's last
 * @param otherwise what to do if the source cannot be changed
 */
export function roundingWarnings(
  names: readonly string[],
  columns: readonly ColumnRounding[],
  otherwise: string,
): string[] {
  return names.flatMap((name, column) => {
    const { rows, mean, squares, largest } = columns[column]!;
    const deviation = Math.sqrt(squares / Math.max(1, rows - 1));
    if (deviation === 0 || largest <= TOLERATED * deviation) return [];
    return [
      `Column ${name} loses digits: float32 rounds its values by up to ${plainNumber(largest, 3)}, and their standard deviation is ${plainNumber(deviation, 3)}. ` +
        `Subtract a constant near ${plainNumber(mean, 3)} from it in the source, or ${otherwise}.`,
    ];
  });
}
