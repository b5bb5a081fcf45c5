import { gamma, UNIT_ROUNDOFF, type Bounded } from "../../common/rounding.js";
import type { ScaleSymmetry } from "../points/types.js";

/** Two minima whose distance is shown: (a, b) = (2√c, √c/2) and the other way round. */
const STRETCH = 2;

/**
 * What the means of r², rf, f², fy and y² prove of the surface L(a, b) = (ab)²E[f²] − 2ab·E[fy] + E[y²]. It depends on ab
 * alone, and is a parabola in it: its minima, where E[fy] > 0, are all points with ab = c = E[fy]/E[f²]. The midpoint
 * of (2√c, √c/2) and (√c/2, 2√c), two of them, has ab = (5/4)²c, and lies (9/16)²·E[fy]²/E[f²] higher.
 *
 * @param means of each batch, as the method has them: five means, then their bounds
 * @returns the averages over the batches; undefined where a mean is not finite
 */
export function scaleSymmetryOf(means: readonly Float64Array[]): ScaleSymmetry | undefined {
  const average = (at: number): Bounded => {
    const total = means.reduce((sum, batch) => sum + batch[at]!, 0);
    const size = means.reduce((sum, batch) => sum + Math.abs(batch[at]!), 0);
    const bounds = means.reduce((sum, batch) => sum + batch[at + 5]!, 0);
    const roundings = gamma(means.length + 8);
    const bound = ((bounds + roundings * size) / means.length) * (1 + 2 * roundings);
    return { value: total / means.length, bound };
  };
  const [rr, rf, ff, fy, yy] = [0, 1, 2, 3, 4].map(average) as [
    Bounded,
    Bounded,
    Bounded,
    Bounded,
    Bounded,
  ];
  if (![rr, rf, ff, fy, yy].every(({ value, bound }) => Number.isFinite(value + bound))) {
    return undefined;
  }
  const product = quotient(fy, ff);
  const minimum = difference(rr, quotient(squareOf(rf), ff));
  const share = (((STRETCH + 1 / STRETCH) / 2) ** 2 - 1) ** 2;
  const isValley = fy.value > fy.bound && Number.isFinite(product.bound);
  return {
    ff,
    fy,
    yy,
    ...(Number.isFinite(product.bound) && { product, minimum }),
    ...(isValley && { rise: times(share, quotient(squareOf(fy), ff)) }),
  };
}

/* Interval arithmetic with midpoints; a few roundings more than there are enlarge each bound. */
const MARGIN = 8 * UNIT_ROUNDOFF;

function bounded(value: number, bound: number): Bounded {
  return { value, bound: (bound + MARGIN * Math.abs(value)) * (1 + MARGIN) };
}

function squareOf({ value, bound }: Bounded): Bounded {
  return bounded(value * value, bound * (2 * Math.abs(value) + bound));
}

/** The bound is infinite where the divisor may be 0. */
function quotient(one: Bounded, other: Bounded): Bounded {
  const least = Math.abs(other.value) - other.bound;
  const value = one.value / other.value;
  return bounded(value, least > 0 ? (one.bound + Math.abs(value) * other.bound) / least : Infinity);
}

function difference(one: Bounded, other: Bounded): Bounded {
  return bounded(one.value - other.value, one.bound + other.bound + MARGIN * Math.abs(one.value));
}

function times(factor: number, { value, bound }: Bounded): Bounded {
  return bounded(factor * value, factor * bound);
}
