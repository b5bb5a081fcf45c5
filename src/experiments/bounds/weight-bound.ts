/**
 * An upper bound of the distance between the weights of a trained linear model and the true ones.
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
 * - Over several epochs each row contributes equally often. With a new order in each epoch the mean of the
 *   error is that of least squares over N rows, and its variance is at most that of independent batches;
 *   the sum of both variances is a bound. In one fixed order of n batches the sum of squares is
 *   s·coth(nη) ≤ s + σ²/(N(1 − η)), which is nearly the same.
 */

/** The probability that a weight exceeds the bound if the data are as the formula assumes. */
const EXCEEDED = 1e-6;
/** The largest relative error of rounding to float32. */
const ROUNDING = 2 ** -24;

/** A linear regression, in the units of the rows that the training saw. */
export interface LinearProblem {
  /** N. */
  rows: number;
  /** The true parameters, including a bias. */
  truth: readonly number[];
  /** σ. */
  noise: number;
}

/** One step of SGD; `rows` is infinite for a gradient over all rows. */
export interface DescentStep {
  learningRate: number;
  rows: number;
}

/** The training by SGD or gradient descent. */
export interface Descent {
  start: readonly number[];
  /** λ: λw is added to every gradient. */
  weightDecay: number;
  steps: Iterable<DescentStep>;
}

/** The largest error of a parameter of (XᵀX + ridge·I)⁻¹Xᵀy; infinite if N rows do not determine p parameters. */
export function leastSquaresBound(problem: LinearProblem, ridge: number): number {
  const { rows, truth } = problem;
  const { low } = eigenvalues(problem);
  const shift = ridge === 0 ? 0 : (ridge * norm(truth)) / (rows * low + ridge);
  const error = quantile(truth.length) * Math.sqrt(noiseSquare(problem, 0) / (rows * low));
  return error + shift + ROUNDING * norm(truth);
}

/** The largest error of a parameter after the steps; infinite if they do not converge or the rows are too few. */
export function descentBound(problem: LinearProblem, descent: Descent): number {
  const { rows, truth } = problem;
  const { start, weightDecay, steps } = descent;
  const { low, high } = eigenvalues(problem);
  // Weight decay moves the point at which the mean gradient is 0 from the estimate.
  const shift = weightDecay === 0 ? 0 : (weightDecay * norm(truth)) / (2 * low + weightDecay);
  const square = noiseSquare(problem, shift);
  const distance = norm(start.map((value, at) => value - truth[at]!)) + shift;
  // Factors by which the mean and the mean square of the initial error have shrunk.
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
    // Each step rounds the weights. Small steps may all round in the same direction.
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

/** σ² plus the effect of rounding a row's p products and its target, and of a shift of the weights. */
function noiseSquare({ noise, truth }: LinearProblem, shift: number): number {
  return noise ** 2 + ((truth.length + 1) * ROUNDING * norm(truth)) ** 2 + 2 * shift ** 2;
}

function norm(values: readonly number[]): number {
  return Math.hypot(...values);
}
