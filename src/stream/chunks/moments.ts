/** Moments of some rows: one entry a column, the features first and then the target. */
export interface Moments {
  rows: number;
  mean: Float64Array;
  /** Σ(v − mean)². */
  squares: Float64Array;
  minimum: Float64Array;
  maximum: Float64Array;
  /** Σ(u − mean u)(v − mean v) of every two columns: columns × columns, row-major; on request. */
  products?: Float64Array;
}

type Numbers = Float32Array | Float64Array;

/**
 * Moments of rows in memory, in float64 and in two passes: means first, then the squares around them.
 * The mean is summed relative to the first row, so that a column of large values that lie close
 * together, such as 10⁸ + N(0,1), keeps its digits.
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
): Moments {
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
      // As Math.min and Math.max, a value that is not a number stays: it compares as false.
      if (!(value >= minimum[column]!)) minimum[column] = Math.min(minimum[column]!, value);
      if (!(value <= maximum[column]!)) maximum[column] = Math.max(maximum[column]!, value);
    }
  }
  for (let column = 0; column < columns; column++) {
    mean[column] = origin[column]! + mean[column]! / rows;
  }

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
    if (products === undefined) continue;
    for (let left = 0, place = 0; left < columns; left++, place += columns) {
      const factor = differences[left]!;
      for (let right = left; right < columns; right++) {
        products[place + right] = products[place + right]! + factor * differences[right]!;
      }
    }
  }
  return { rows, mean, squares, minimum, maximum, ...(products && { products }) };
}

/**
 * Adds the moments of more rows (Chan, Golub, LeVeque 1979: "Updating formulae and a pairwise
 * algorithm for computing sample variances").
 */
export function mergeMoments(into: Moments, more: Moments): void {
  const rows = into.rows + more.rows;
  const columns = into.mean.length;
  const weight = (into.rows * more.rows) / rows;
  const differences = more.mean.map((mean, column) => mean - into.mean[column]!);
  for (let left = 0; left < columns; left++) {
    const difference = differences[left]!;
    into.mean[left] = into.mean[left]! + (difference * more.rows) / rows;
    into.squares[left] =
      into.squares[left]! + more.squares[left]! + difference * difference * weight;
    into.minimum[left] = Math.min(into.minimum[left]!, more.minimum[left]!);
    into.maximum[left] = Math.max(into.maximum[left]!, more.maximum[left]!);
    if (into.products === undefined || more.products === undefined) continue;
    for (let right = left; right < columns; right++) {
      const place = left * columns + right;
      into.products[place] =
        into.products[place]! + more.products[place]! + difference * differences[right]! * weight;
    }
  }
  into.rows = rows;
}
