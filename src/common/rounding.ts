/** Rounding of float64: half the distance from 1 to the next number. */
export const UNIT_ROUNDOFF = 2 ** -53;

/**
 * γₙ = nu/(1 − nu), which bounds the relative error of n roundings (Higham 2002, Accuracy and Stability of Numerical
 * Algorithms, §3.1), rounded upwards.
 */
export function gamma(roundings: number): number {
  const share = roundings * UNIT_ROUNDOFF;
  return share < 0.5 ? (share / (1 - share)) * (1 + 4 * UNIT_ROUNDOFF) : Infinity;
}

/** A number and how far the true one may lie from it. */
export interface Bounded {
  value: number;
  bound: number;
}
