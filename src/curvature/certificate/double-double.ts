/** A sum of float64 numbers with an error of some 2⁻¹⁰⁴ of the largest partial sum for each number. */
export interface DoubleDouble {
  /** The sum, rounded to float64. */
  readonly value: number;
  /** What the sum has besides `value`. */
  readonly rest: number;
  add(value: number): void;
}

/** Sums by error-free additions (Knuth's two-sum; Dekker 1971, "A floating-point technique for extending the available precision"). */
export function createDoubleDouble(): DoubleDouble {
  let high = 0;
  let low = 0;
  return {
    get value() {
      return high;
    },
    get rest() {
      return low;
    },
    add(value) {
      const sum = high + value;
      const part = sum - high;
      const rest = high - (sum - part) + (value - part) + low;
      high = sum + rest;
      low = rest - (high - sum);
    },
  };
}
