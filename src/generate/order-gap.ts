import { LARGEST_NORMAL, logistic, ROUNDING, SIGMOID_ERROR, unitRange } from "./linear-bound.js";

/*
 * Where the rows with the largest second-layer values can be looked for before the first maximum is known.
 *
 * With the first maximum m, a row has the second-layer value b = Σ_k w2_k σ(a_k/m − ½) + noise·ε′. With m′ it
 * has b′ = κ·b + Σ_k w2_k h_k(a_k) + (1 − κ)·noise·ε′, where κ = m/m′ and h_k(a) = σ(a/m′ − ½) − κ·σ(a/m − ½). For m′
 * near m the h_k hardly depend on a, and so rows keep their order by b where they are not close to each other.
 */

const STEPS = 256;
/** The largest |σ″|. */
const CURVATURE = 0.0963;

/** Between the least and the largest h of a first-layer value from −negative to positive. */
function widthOf(negative: number, positive: number, from: number, to: number): number {
  const ratio = from / to;
  const step = (positive + negative) / STEPS;
  let least = Infinity;
  let largest = -Infinity;
  for (let index = 0; index <= STEPS; index++) {
    const value = index * step - negative;
    const height = logistic(value / to - 0.5) - ratio * logistic(value / from - 0.5);
    least = Math.min(least, height);
    largest = Math.max(largest, height);
  }
  // |h′| = |σ′(a/m′ − ½) − σ′(a/m − ½)|/m′: between two steps, h passes their values by less than this.
  const steepest = (CURVATURE * Math.max(negative, positive) * Math.abs(1 / to - 1 / from)) / to;
  return largest - least + steepest * step;
}

/**
 * How much smaller than another a second-layer value in float32 must be with the first maximum `from`, so
 * that it is certainly the smaller one with the first maximum `to` as well. Both maxima are above 0.
 *
 * @param w1 D × 2D, row-major
 * @param w2 2D
 */
export function orderGap(
  features: number,
  noise: number,
  w1: Float32Array,
  w2: Float32Array,
  from: number,
  to: number,
): number {
  const ratio = from / to;
  const nearest = Math.min(from, to);
  const secondNoise = LARGEST_NORMAL * noise;
  let width = 2 * Math.abs(1 - ratio) * secondNoise;
  let error = 0;
  let magnitude = 0;
  for (const [unit, weight] of w2.entries()) {
    const { positive, negative, rounding } = unitRange(features, noise, w1, unit);
    const size = Math.abs(weight);
    if (from !== to) width += size * widthOf(negative + rounding, positive + rounding, from, to);
    error += size * (rounding / 4 / nearest + SIGMOID_ERROR);
    magnitude += size;
  }
  error += (magnitude * (w2.length + 10) + secondNoise) * ROUNDING;
  // Either value may be wrong by `error`, with either maximum, and so may the comparison.
  return (width + 3 * error) / ratio + 3 * error;
}
