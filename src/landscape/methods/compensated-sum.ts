import { gamma, UNIT_ROUNDOFF, type Bounded } from "../../common/rounding.js";

/** A sum of numbers with bounds of their errors. */
export interface CompensatedSum {
  /** @param bound how far the term may lie from the true one */
  add(term: number, bound: number): void;
  /** The mean of the terms. */
  mean(): Bounded;
}

/**
 * A sum whose rounding errors are summed beside it (algorithm Sum2 of Ogita, Rump and Oishi 2005): as exact as a sum in
 * twice the digits that is rounded once. A sum s of n terms is off by at most u|s| + γ²ₙ₋₁·Σ|terms| (their
 * proposition 4.5) and the terms' own errors. The bound is itself computed with roundings, and therefore enlarged.
 */
export function compensatedSum(): CompensatedSum {
  let [sum, correction, magnitude, error, terms] = [0, 0, 0, 0, 0];
  return {
    add(term, bound) {
      const next = sum + term;
      const part = next - sum;
      correction += sum - (next - part) + (term - part);
      sum = next;
      magnitude += Math.abs(term);
      error += bound;
      terms++;
    },
    mean() {
      const value = (sum + correction) / terms;
      const bound = ((gamma(terms) ** 2 * magnitude + error) / terms) * (1 + gamma(terms + 32));
      // The roundings of the sum, of the quotient, and of these products.
      return { value, bound: bound + 4 * UNIT_ROUNDOFF * Math.abs(value) };
    },
  };
}
