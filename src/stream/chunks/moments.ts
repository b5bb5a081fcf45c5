import { mergeMoments } from "../../storage/reading/index.js";

type Numbers = Float32Array | Float64Array;

/** Moments of a table's rows: one entry per column, the features first and then the target. */
export interface TableMoments {
  rows: number;
  mean: Float64Array;
  /** Σ(v − mean)². */
  squares: Float64Array;
  minimum: Float64Array;
  maximum: Float64Array;
  /** Σ(u − mean u)(v − mean v) of every two columns: columns × columns, row-major; on request. */
  products?: Float64Array;
}

/**
 * Moments of rows in memory, in float64 and in two passes: means first, then the squares around them.
 *
 * @param x rows × features, row-major
 * @param y rows
 */
export function momentsOf(
  x: Numbers,
  y: Numbers,
  rows: number,
  features: number,
  covariance: boolean,
): TableMoments {
  const { mean, minimum, maximum } = meansAndExtremes(x, y, rows, features);
  const columns = features + 1;
  const squares = new Float64Array(columns);
  const products = covariance ? new Float64Array(columns * columns) : undefined;
  const differences = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = column === features ? y[row]! : x[at++]!;
      const difference = value - mean[column]!;
      differences[column] = difference;
      squares[column] = squares[column]! + difference * difference;
    }
    if (products !== undefined) addProducts(products, differences);
  }
  return { rows, mean, squares, minimum, maximum, ...(products && { products }) };
}

/**
 * The mean is summed relative to the first row, so that a column of large values that lie close
 * together, such as 10⁸ + N(0,1), keeps its digits.
 */
function meansAndExtremes(
  x: Numbers,
  y: Numbers,
  rows: number,
  features: number,
): Pick<TableMoments, "mean" | "minimum" | "maximum"> {
  const columns = features + 1;
  const mean = new Float64Array(columns);
  const origin = Float64Array.from({ length: columns }, (_, column) =>
    column === features ? y[0]! : x[column]!,
  );
  const minimum = new Float64Array(columns).fill(Infinity);
  const maximum = new Float64Array(columns).fill(-Infinity);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = column === features ? y[row]! : x[at++]!;
      mean[column] = mean[column]! + (value - origin[column]!);
      // NaN compares as false, and Math.min and Math.max keep it.
      if (!(value >= minimum[column]!)) minimum[column] = Math.min(minimum[column]!, value);
      if (!(value <= maximum[column]!)) maximum[column] = Math.max(maximum[column]!, value);
    }
  }
  for (let column = 0; column < columns; column++) {
    mean[column] = origin[column]! + mean[column]! / rows;
  }
  return { mean, minimum, maximum };
}

/** Adds the products of every two of a row's differences, in the matrix's upper half. */
function addProducts(products: Float64Array, differences: Float64Array): void {
  const columns = differences.length;
  for (let left = 0, place = 0; left < columns; left++, place += columns) {
    const factor = differences[left]!;
    for (let right = left; right < columns; right++) {
      products[place + right] = products[place + right]! + factor * differences[right]!;
    }
  }
}

/** Adds the moments of more rows to a table's. */
export function addMoments(into: TableMoments, more: TableMoments): void {
  const columns = into.mean.length;
  if (into.products !== undefined && more.products !== undefined) {
    const weight = (into.rows * more.rows) / (into.rows + more.rows);
    const differences = more.mean.map((mean, column) => mean - into.mean[column]!);
    for (let left = 0; left < columns; left++) {
      for (let right = left; right < columns; right++) {
        const place = left * columns + right;
        into.products[place] =
          into.products[place]! +
          more.products[place]! +
          differences[left]! * differences[right]! * weight;
      }
    }
  }
  for (let column = 0; column < columns; column++) {
    const merged = mergeMoments(columnOf(into, column), columnOf(more, column));
    into.mean[column] = merged.mean;
    into.squares[column] = merged.squares;
    into.minimum[column] = Math.min(into.minimum[column]!, more.minimum[column]!);
    into.maximum[column] = Math.max(into.maximum[column]!, more.maximum[column]!);
  }
  into.rows += more.rows;
}

function columnOf({ rows, mean, squares }: TableMoments, column: number) {
  return { rows, mean: mean[column]!, squares: squares[column]! };
}
