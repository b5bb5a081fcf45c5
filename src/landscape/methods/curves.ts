import type { Grid } from "../points/grid.js";
import { pointsOf } from "../points/grid.js";

/** How the losses of a batch at the points of a grid follow from the values that a method computes. */
export interface Curves {
  /** How many values there are for a batch. */
  readonly width: number;
  /** Where they are means over the batch's rows, which means.parquet keeps with every digit: its columns; otherwise none. */
  readonly means: readonly string[];
  /** Whether a batch with these values has points without a loss. */
  hasNaN(values: Float64Array): boolean;
  /**
   * Fills an array with a batch's losses from point `first` on.
   *
   * @param read fills an array with the batch's values from value `from` on
   */
  readInto(
    losses: Float64Array,
    first: number,
    read: (target: Float64Array, from: number) => void,
  ): void;
}

/** The values are the losses. */
export function pointwise(grid: Pick<Grid, "alphas" | "betas">): Curves {
  return {
    width: pointsOf(grid),
    means: [],
    hasNaN(losses) {
      for (let point = 0; point < losses.length; point++) {
        if (Number.isNaN(losses[point])) return true;
      }
      return false;
    },
    readInto: (losses, first, read) => read(losses, first),
  };
}

/**
 * The values are six means over a batch's rows: of r², rq, q², rs, qs and s², where r is the residual
 * at the centre, and q and s are what the two directions add to the prediction. The loss at (α, β) is
 * the mean of (r + αq + βs)².
 */
export function quadratic({ alphas, betas }: Pick<Grid, "alphas" | "betas">): Curves {
  const names = ["rr", "rq", "qq", "rs", "qs", "ss"];
  const means = new Float64Array(names.length);
  const line = new Float64Array(3);
  return {
    width: names.length,
    means: names,
    hasNaN: ([rr = 0, , qq = 0, , , ss = 0]) => Number.isNaN(rr + qq + ss),
    readInto(losses, first, read) {
      read(means, 0);
      let beta = NaN;
      for (let index = 0; index < losses.length; index++) {
        const point = first + index;
        const next = betas[Math.floor(point / alphas.length)]!;
        if (next !== beta) coefficients(means, next, line);
        beta = next;
        const alpha = alphas[point % alphas.length]!;
        losses[index] = notNegative(line[0]! + alpha * (line[1]! + alpha * line[2]!));
      }
    },
  };
}

/**
 * The values are the means over a batch's rows of r², rf, f², fy and y², where r = f − y is the residual at the centre
 * and f the prediction, and bounds of their errors. At (α, β) the prediction is (1 + α)(1 + β)·f.
 */
export function scaleSymmetric({ alphas, betas }: Pick<Grid, "alphas" | "betas">): Curves {
  const names = ["rr", "rf", "ff", "fy", "yy"];
  const means = new Float64Array(2 * names.length);
  return {
    width: means.length,
    means: [...names, ...names.map((name) => `${name}Bound`)],
    hasNaN: (values) => Number.isNaN(values[4]),
    readInto(losses, first, read) {
      read(means, 0);
      const [rr = 0, rf = 0, ff = 0] = means;
      for (let index = 0; index < losses.length; index++) {
        const alpha = alphas[(first + index) % alphas.length]!;
        const beta = betas[Math.floor((first + index) / alphas.length)]!;
        // (1 + α)(1 + β) − 1, small near the centre.
        const step = alpha + beta + alpha * beta;
        losses[index] = notNegative(rr + step * (2 * rf + step * ff));
      }
    },
  };
}

/** A mean of squares is never negative, but rounding can make it so. Where a term overflows (∞ − ∞), the loss overflows. */
function notNegative(loss: number): number {
  return loss > 0 ? loss : loss > -Infinity ? 0 : Infinity;
}

function coefficients(means: Float64Array, beta: number, target: Float64Array): void {
  const [rr = 0, rq = 0, qq = 0, rs = 0, qs = 0, ss = 0] = means;
  // At β = 0 the other means do not matter, even if they have overflowed.
  const none = beta === 0;
  target[0] = none ? rr : rr + beta * (2 * rs + beta * ss);
  target[1] = none ? 2 * rq : 2 * (rq + beta * qs);
  target[2] = qq;
}

/** All losses of a batch with these values. */
export function lossesOf(curves: Curves, points: number, values: Float64Array): Float64Array {
  const losses = new Float64Array(points);
  curves.readInto(losses, 0, (target, from) => {
    target.set(values.subarray(from, from + target.length));
  });
  return losses;
}
