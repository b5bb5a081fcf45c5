import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { failure, throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { exceedsFloat32 } from "../../storage/index.js";
import type { Job } from "./job.js";
import { batchOptionsOf } from "../resolve-options.js";
import { withParameters } from "../../model/index.js";

/**
 * A feature counts as a linear combination of the features before it if they leave less than this fraction
 * of its sum of squares unexplained. Rounding in float64 sums leaves about 10⁻¹⁵; below 10⁻¹² the solution
 * would have fewer digits than float32 data.
 */
const SINGULAR = 1e-12;

/** The sums over the rows, in float64, that the normal equations consist of. */
export interface NormalEquations {
  features: number;
  rows: number;
  /** XᵀX, D × D, row-major; only the upper triangle is filled. */
  xx: Float64Array;
  /** Xᵀy, D numbers. */
  xy: Float64Array;
  yy: number;
}

export function emptyEquations(features: number): NormalEquations {
  return {
    features,
    rows: 0,
    xx: new Float64Array(features * features),
    xy: new Float64Array(features),
    yy: 0,
  };
}

/** Adds the rows of a batch to the sums. */
export function addRows(
  equations: NormalEquations,
  x: Float32Array | Float64Array,
  y: Float32Array | Float64Array,
  rows: number,
): void {
  const { features, xx, xy } = equations;
  let yy = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * features;
    const target = y[row]!;
    for (let i = 0; i < features; i++) {
      const value = x[from + i]!;
      const line = i * features;
      for (let j = i; j < features; j++) xx[line + j]! += value * x[from + j]!;
      xy[i]! += value * target;
    }
    yy += target * target;
  }
  equations.yy += yy;
  equations.rows += rows;
}

/**
 * Solves (XᵀX + λI) w = Xᵀy by Cholesky's decomposition in float64.
 *
 * @param names the features' names, for the error
 * @throws a failure where the equations are singular, which names the first feature that is a linear
 *   combination of the ones before it
 */
export function solveEquations(
  equations: NormalEquations,
  ridge: number,
  names: readonly string[],
): Float64Array {
  const { features, xx, xy } = equations;
  const matrix = new Matrix(features, features);
  for (let i = 0; i < features; i++) {
    for (let j = i; j < features; j++) {
      const value = xx[i * features + j]! + (i === j ? ridge : 0);
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
  }
  if (!xx.every(Number.isFinite) || !xy.every(Number.isFinite)) {
    throw failure("The data contain numbers that are not finite, so there is no closed form.");
  }
  const cholesky = new CholeskyDecomposition(matrix);
  const lower = cholesky.lowerTriangularMatrix;
  for (let i = 0; i < features; i++) {
    const left = lower.get(i, i) ** 2;
    // Written so that a feature of zeros is caught as well.
    if (!(left > SINGULAR * matrix.get(i, i))) {
      throw failure(
        (option) =>
          `XᵀX is singular: feature ${names[i]} is zero or a linear combination of the features before it; ` +
          `leave it out, or add a small ridge, for instance ${option("ridge")} 1.`,
      );
    }
  }
  return Float64Array.from(cholesky.solve(Matrix.columnVector(xy)).to1DArray());
}

/**
 * Mean squared error of the weights w from the sums alone: (yᵀy − 2wᵀXᵀy + wᵀXᵀXw)/N. Its rounding
 * error is about 10⁻¹⁵ of the mean of y², so smaller losses cannot be distinguished from zero.
 */
export function lossOf(equations: NormalEquations, weights: ArrayLike<number>): number {
  const { features, rows, xx, xy, yy } = equations;
  let sum = yy;
  for (let i = 0; i < features; i++) {
    let along = 0.5 * xx[i * features + i]! * weights[i]! - xy[i]!;
    for (let j = i + 1; j < features; j++) along += xx[i * features + j]! * weights[j]!;
    sum += 2 * weights[i]! * along;
  }
  return Math.max(0, sum) / rows;
}

/**
 * The linear model's exact optimum, ŵ = (XᵀX + λI)⁻¹Xᵀy, in one streamed pass that keeps only the sums
 * XᵀX and Xᵀy in memory.
 */
export async function closedForm(job: Job): Promise<void> {
  const { dataset, settings, state, signal } = job;
  const equations = emptyEquations(dataset.features);
  const options = batchOptionsOf(settings, signal);
  // Wider types than float32 are read as float64. The sums do not depend on the batch size.
  const isWide = dataset.columnTypes.some(exceedsFloat32);
  const loader = isWide ? undefined : dataset.batches(options);
  const pause = createPause();
  try {
    for await (const batch of loader ?? dataset.float64Rows({ ...options, batchSize: undefined })) {
      addRows(equations, batch.x, batch.y, batch.rows);
      job.progress(equations.rows);
      throwIfAborted(signal);
      await pause();
    }
  } finally {
    state.waitedSeconds += loader?.waitedSeconds() ?? 0;
  }
  const solution = solveEquations(equations, settings.ridge, dataset.featureNames);
  const weights = Float32Array.from(solution);
  state.network = withParameters(state.network, [weights]);
  state.steps = 1;
  state.epochs = 1;
  state.rows = equations.rows;
  job.log(1, 0, equations.rows, lossOf(equations, weights));
}
