/**
 * How far the weights of a trained linear model may be from the true ones.
 *
 * The data are rows x ~ N(0, I) of p parameters with y = xw + noise of variance σ². Let e be
 * w_t − w and H the second moments XᵀX/N, whose eigenvalues lie in [a, b].
 *
 * - Least squares over N rows is off by a normal error of covariance σ²(XᵀX)⁻¹ ≤ σ²/(N·a)·I.
 * - A step of SGD on B rows with learning rate η is e ← (I − 2ηX_BᵀX_B/B)e + 2ηX_BᵀnoiseB/B. It
 *   shrinks the mean of e by 1 − 2ηH, and multiplies its covariance s·I by
 *   (1 − 2η)² + 4η²(p + 1)/B, since E[xxᵀSxxᵀ] = 2S + tr(S)·I, while the noise adds 4η²σ²/B. At
 *   rest s = ησ²/B / (1 − η(1 + (p + 1)/B)) (Mandt, Hoffman and Blei 2017,
 *   "Stochastic gradient descent as approximate Bayesian inference", have its first order in η). The
 *   sums below follow s step by step, and with it any schedule.
 * - Over several epochs each row has a part in the weights as often. With a new order in each epoch
 *   its mean part is that of least squares over N rows, and its variance at most that of independent
 *   batches: both errors' variances add up to a bound. In one fixed order, of n batches, the sum of
 *   squares is s·coth(nη) ≤ s + σ²/(N(1 − η)), nearly the same.
 */

/** How likely it is that any weight exceeds the bound, where the data are what the formula assumes. */
const EXCEEDED = 1e-6;
/** The largest relative error of rounding to float32. */
const ROUNDING = 2 ** -24;

/** What is to be estimated, in the units of the rows that the training saw. */
export interface LinearProblem {
  /** N. */
  rows: number;
  /** The true parameters, a bias included. */
  truth: readonly number[];
  /** σ. */
  noise: number;
}

/** One step of SGD; `rows` is infinite where the gradient is that of all rows. */
export interface DescentStep {
  learningRate: number;
  rows: number;
}

/** How SGD, or gradient descent, has come to its weights. */
export interface Descent {
  start: readonly number[];
  /** λ: λw joins every gradient. */
  weightDecay: number;
  steps: Iterable<DescentStep>;
}

/** The largest error of a parameter of (XᵀX + ridge·I)⁻¹Xᵀy; infinite where N rows do not tell p parameters. */
export function leastSquaresBound(problem: LinearProblem, ridge: number): number {
  const { rows, truth } = problem;
  const { low } = eigenvalues(problem);
  const shift = ridge === 0 ? 0 : (ridge * norm(truth)) / (rows * low + ridge);
  const error = quantile(truth.length) * Math.sqrt(noiseSquare(problem, 0) / (rows * low));
  return error + shift + ROUNDING * norm(truth);
}

/** The largest error of a parameter after the steps; infinite where they do not converge or the rows are too few. */
export function descentBound(problem: LinearProblem, descent: Descent): number {
  const { rows, truth } = problem;
  const { start, weightDecay, steps } = descent;
  const { low, high } = eigenvalues(problem);
  // Weight decay moves the point at which the mean gradient is 0 from the estimate.
  const shift = weightDecay === 0 ? 0 : (weightDecay * norm(truth)) / (2 * low + weightDecay);
  const square = noiseSquare(problem, shift);
  const distance = norm(start.map((value, at) => value - truth[at]!)) + shift;
  // What is left of the start: the factor of its mean and of its mean square.
  let [mean, meanSquare, variance, rounding] = [1, 1, 0, 0];
  for (const { learningRate, rows: batch } of steps) {
    const factor = Math.max(
      Math.abs(1 - learningRate * (2 * low + weightDecay)),
      Math.abs(1 - learningRate * (2 * high + weightDecay)),
    );
    const squared = factor ** 2 + (4 * learningRate ** 2 * high ** 2 * (truth.length + 1)) / batch;
    mean *= factor;
    meanSquare *= squared;
    variance = squared * variance + (4 * learningRate ** 2 * high * square) / batch;
    // Each step rounds the weights; where steps are small, always to the same side.
    rounding = factor * rounding + ROUNDING * (norm(truth) + mean * distance);
  }
  const likely = quantile(truth.length);
  return (
    likely * Math.sqrt(square / (rows * low) + variance) +
    (mean + likely * Math.sqrt(Math.max(0, meanSquare - mean ** 2))) * distance +
    shift +
    rounding
  );
}

/** z such that no one of `count` normal variables lies beyond ±z, by P(|x| > z) ≤ exp(−z²/2) for each. */
export function quantile(count: number): number {
  return Math.sqrt(2 * Math.log(count / EXCEEDED));
}

/** a and b: 1 ± (√p + z)/√N, squared, for normal rows (Davidson and Szarek 2001, theorem II.13). */
function eigenvalues({ rows, truth }: LinearProblem): { low: number; high: number } {
  const spread = (Math.sqrt(truth.length) + quantile(truth.length)) / Math.sqrt(rows);
  return { low: Math.max(0, 1 - spread) ** 2, high: (1 + spread) ** 2 };
}

/** σ², and what rounding of a row's p products and its target, and a shift of the weights, add to it. */
function noiseSquare({ noise, truth }: LinearProblem, shift: number): number {
  return noise ** 2 + ((truth.length + 1) * ROUNDING * norm(truth)) ** 2 + 2 * shift ** 2;
}

function norm(values: readonly number[]): number {
  return Math.hypot(...values);
}
