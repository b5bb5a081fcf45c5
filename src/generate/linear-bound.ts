/*
 * A bound from above on the second-layer value of two-layer-sigmoid data that is linear in s = σ(x) and
 * in the noise: Σ_k w2_k σ(z_k), where z_k = a_k/max(a) − ½ is linear in them. Each σ(z_k) is replaced by a line
 * above it (below it, where w2_k is negative) over all z_k that there can be.
 */

/** The largest magnitude of a normal that the generator makes. */
export const LARGEST_NORMAL = 6.77;
/** More than the rounding of one float32 operation, relative to the largest number in it. */
export const ROUNDING: number = 2 ** -22;
/** More than the error of the kernel's σ in float32. */
export const SIGMOID_ERROR = 1e-6;
const SEARCH_STEPS = 40;

/** Second-layer value ≤ intercept + slopes·σ(x) + noiseSlope·(noise·ε), ε′ left out, in float32 arithmetic. */
export interface LinearBound {
  slopes: Float64Array;
  noiseSlope: number;
  intercept: number;
}

export function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** The largest σ(z) − slope·z (or with `sign` −1 the least) for z from `low` to `high`. */
function extreme(slope: number, low: number, high: number, sign: number): number {
  // Where the derivative p(1 − p) is the slope.
  const root = Math.sqrt(Math.max(0, 1 - 4 * slope));
  const turn = slope > 0 ? Math.log((1 + root) / (1 - root)) : Infinity;
  let most = -Infinity;
  for (const z of [low, high, turn, -turn]) {
    if (z >= low && z <= high) most = Math.max(most, sign * (logistic(z) - slope * z));
  }
  return sign * most;
}

/**
 * The line that is nearest to σ at `near` of all that are nowhere below it (`sign` 1) or nowhere above it
 * (−1) from `low` to `high`.
 */
export function lineBeyond(
  near: number,
  low: number,
  high: number,
  sign: 1 | -1,
): { slope: number; intercept: number } {
  const distance = (slope: number): number =>
    sign * (slope * near + extreme(slope, low, high, sign));
  // The distance is convex in the slope; any slope gives a line that holds.
  let least = 0;
  let most = 0.25;
  for (let step = 0; step < SEARCH_STEPS; step++) {
    const third = (most - least) / 3;
    if (distance(least + third) < distance(most - third)) most -= third;
    else least += third;
  }
  const slope = (least + most) / 2;
  return { slope, intercept: extreme(slope, low, high, sign) };
}

/**
 * Between which values a hidden unit's first-layer value lies, noise·ε included: −negative and positive;
 * and more than its rounding in float32.
 *
 * @param w1 D × 2D, row-major
 */
export function unitRange(
  features: number,
  noise: number,
  w1: Float32Array,
  unit: number,
): { positive: number; negative: number; rounding: number } {
  let positive = LARGEST_NORMAL * noise;
  let negative = positive;
  for (let feature = 0; feature < features; feature++) {
    const value = w1[feature * features * 2 + unit] ?? 0;
    if (value > 0) positive += value;
    else negative -= value;
  }
  return { positive, negative, rounding: (positive + negative) * (features + 10) * ROUNDING };
}

/**
 * The bound for given weights and first maximum.
 *
 * @param w1 D × 2D, row-major
 * @param w2 2D
 */
export function linearBound(
  features: number,
  noise: number,
  w1: Float32Array,
  w2: Float32Array,
  maximum1: number,
): LinearBound {
  const hidden = w2.length;
  const slopes = new Float64Array(features);
  let noiseSlope = 0;
  let intercept = 0;
  let error = 0;
  let magnitude = 0;
  for (let unit = 0; unit < hidden; unit++) {
    const weight = w2[unit] ?? 0;
    const { positive, negative, rounding } = unitRange(features, noise, w1, unit);
    const ends = [
      (positive + rounding) / maximum1 - 0.5,
      (-negative - rounding) / maximum1 - 0.5,
    ] as const;
    const middle = (positive - negative) / 2 / maximum1 - 0.5;
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const line = lineBeyond(middle, low, high, weight > 0 ? 1 : -1);
    const factor = (weight * line.slope) / maximum1;
    for (let feature = 0; feature < features; feature++) {
      slopes[feature] = (slopes[feature] ?? 0) + factor * (w1[feature * hidden + unit] ?? 0);
    }
    noiseSlope += factor;
    intercept += weight * (line.intercept - line.slope / 2);
    error += Math.abs(weight) * (rounding / 4 / Math.abs(maximum1) + SIGMOID_ERROR);
    magnitude += Math.abs(weight);
  }
  const terms =
    slopes.reduce((sum, slope) => sum + Math.abs(slope), 0) +
    Math.abs(noiseSlope) * LARGEST_NORMAL * noise +
    Math.abs(intercept);
  error += (magnitude * (hidden + 10) + terms * (features + 10)) * ROUNDING;
  return { slopes, noiseSlope, intercept: intercept + error };
}
