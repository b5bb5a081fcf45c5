/** Mean and squared deviations of some numbers. */
export interface Moments {
  rows: number;
  mean: number;
  /** Σ(v − mean)². */
  squares: number;
}

/**
 * The moments of two sets of numbers together (Chan, Golub and LeVeque 1979: "Updating formulae and a
 * pairwise algorithm for computing sample variances").
 */
export function mergeMoments(one: Moments, other: Moments): Moments {
  const rows = one.rows + other.rows;
  if (rows === 0) return { ...one };
  const difference = other.mean - one.mean;
  const weight = (one.rows * other.rows) / rows;
  return {
    rows,
    mean: one.mean + (difference * other.rows) / rows,
    squares: one.squares + other.squares + difference * difference * weight,
  };
}
