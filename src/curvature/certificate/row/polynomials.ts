/* Polynomials as arrays of their coefficients, from the constant on. */

/** The largest relative error of an operation in float64. */
export const UNIT = 2 ** -53;

/** Σ cₖαᵏ. */
export function valueAt(coefficients: ArrayLike<number>, alpha: number): number {
  let value = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) value = value * alpha + coefficients[k]!;
  return value;
}

/** A bound of |p| where |α| ≤ reach: Σ |cₖ|·reachᵏ. */
export function magnitudeAt(coefficients: ArrayLike<number>, reach: number): number {
  let value = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) {
    value = value * reach + Math.abs(coefficients[k]!);
  }
  return value;
}

/** The derivative. */
export function derivativeOf(coefficients: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: Math.max(0, coefficients.length - 1) },
    (_, k) => (k + 1) * coefficients[k + 1]!,
  );
}

/**
 * Writes the second derivative of p² for a cubic p: five coefficients.
 *
 * @param scale is multiplied into them
 */
export function squareBend(p: Float64Array, scale: number, target: Float64Array): void {
  const [a, b, c, d] = [p[0]!, p[1]!, p[2]!, p[3]!];
  target[0] = scale * 2 * (2 * a * c + b * b);
  target[1] = scale * 6 * (2 * a * d + 2 * b * c);
  target[2] = scale * 12 * (2 * b * d + c * c);
  target[3] = scale * 20 * (2 * c * d);
  target[4] = scale * 30 * (d * d);
}
