import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { breather } from "../common/pause.js";
import type { Batch } from "../stream/index.js";
import type { DenseNetwork } from "../train/index.js";
import { RANDOM_ROWS, randomNetwork } from "./directions/random.js";
import { vectorsOf, withVectors } from "./directions/weights.js";
import { inFloat64 } from "./float64-network.js";
import type { Float64Network } from "./float64-network.js";
import { addHessianProduct } from "./hessian.js";

/** Rows between two breaths. */
const partRows = 64;
/** Steps of the Lanczos iteration at the most. */
const mostSteps = 60;
/** A residual that is small beside the eigenvalue: the iteration ends. */
const tolerance = 1e-3;

/** The least eigenvalue of a loss's Hessian, and along which direction the loss bends so. */
export interface Curvature {
  /** vᵀHv of the unit vector v: the loss at W + tv is L + t·∇Lᵀv + t²/2·eigenvalue + … */
  eigenvalue: number;
  /** ‖Hv − eigenvalue·v‖: an eigenvalue of H lies within so much of `eigenvalue`. */
  residual: number;
  /** The largest eigenvalue's estimate by the same iteration, from below. */
  largest: number;
  /** Products with the Hessian that it took. */
  steps: number;
  /** v, of length 1. */
  direction: DenseNetwork;
}

/**
 * The least eigenvalue of the Hessian of the mean squared error of some rows, by the Lanczos
 * iteration with full reorthogonalisation (Golub and Van Loan, Matrix Computations, §10.1) on exact
 * Hessian–vector products, all in float64. Where it is negative by more than its residual, the loss
 * is not convex.
 *
 * @param seed of the random direction that the iteration begins with
 * @throws an interruption once `signal` is aborted
 */
export async function leastCurvature(
  network: DenseNetwork,
  batch: Pick<Batch, "x" | "y" | "rows">,
  seed: number,
  signal?: AbortSignal,
): Promise<Curvature> {
  const exact = inFloat64(network);
  const lengths = vectorsOf(network).map(({ length }) => length);
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const breathe = breather(signal);

  async function times(vector: Float64Array): Promise<Float64Array> {
    const product = new Float64Array(size);
    const parts = split(product, lengths);
    const direction = shapedAs(exact, split(vector, lengths));
    for (let from = 0; from < batch.rows; from += partRows) {
      const to = Math.min(batch.rows, from + partRows);
      addHessianProduct(exact, direction, batch, from, to, parts);
      await breathe();
    }
    return product.map((value) => value / batch.rows);
  }

  const basis: Float64Array[] = [];
  const products: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let next = joined(vectorsOf(randomNetwork(network, seed, RANDOM_ROWS.first)), size);
  let length = normOf(next);
  for (;;) {
    const vector = next.map((value) => value / length);
    const product = await times(vector);
    basis.push(vector);
    products.push(product);
    diagonal.push(dot(vector, product));
    next = orthogonalTo(basis, product);
    length = normOf(next);
    const steps = basis.length;
    const [least, largest] = extremes(diagonal, beside);
    const scale = Math.max(Math.abs(least.value), Math.abs(largest.value));
    // |βₖ·sₖ|: the residual of the least one, were there no rounding.
    const ended = length <= 1e-12 * scale || steps === Math.min(size, mostSteps);
    if (ended || length * Math.abs(least.vector.at(-1)!) <= tolerance * Math.abs(least.value)) {
      const direction = combined(basis, least.vector);
      const moved = combined(products, least.vector);
      const eigenvalue = dot(direction, moved) / dot(direction, direction);
      const residual = normOf(moved.map((value, at) => value - eigenvalue * direction[at]!));
      return {
        eigenvalue,
        residual: residual / normOf(direction),
        largest: largest.value,
        steps,
        direction: withVectors(
          network,
          split(direction, lengths).map((part) => Float32Array.from(part)),
        ),
      };
    }
    beside.push(length);
  }
}

/** An eigenvalue and its eigenvector in the basis. */
interface RitzPair {
  value: number;
  vector: number[];
}

/** The eigenvalues and eigenvectors at both ends of the spectrum of a symmetric tridiagonal matrix. */
function extremes(
  diagonal: readonly number[],
  beside: readonly number[],
): [least: RitzPair, largest: RitzPair] {
  const size = diagonal.length;
  const matrix = Matrix.zeros(size, size);
  for (const [at, value] of diagonal.entries()) matrix.set(at, at, value);
  for (const [at, value] of beside.entries()) {
    matrix.set(at, at + 1, value);
    matrix.set(at + 1, at, value);
  }
  const eigen = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const pair = (at: number): RitzPair => ({
    value: eigen.realEigenvalues[at]!,
    vector: eigen.eigenvectorMatrix.getColumn(at),
  });
  return [pair(0), pair(size - 1)];
}

/** A vector without its parts along an orthonormal basis; twice, since once leaves rounding. */
function orthogonalTo(basis: readonly Float64Array[], vector: Float64Array): Float64Array {
  const left = vector.slice();
  for (let turn = 0; turn < 2; turn++) {
    for (const axis of basis) {
      const along = dot(axis, left);
      for (let at = 0; at < left.length; at++) left[at]! -= along * axis[at]!;
    }
  }
  return left;
}

function combined(vectors: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const sum = new Float64Array(vectors[0]!.length);
  for (const [index, vector] of vectors.entries()) {
    for (let at = 0; at < sum.length; at++) sum[at]! += weights[index]! * vector[at]!;
  }
  return sum;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!;
  return sum;
}

function normOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

function joined(parts: readonly Float32Array[], size: number): Float64Array {
  const whole = new Float64Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Views of the parts of a vector. */
function split(vector: Float64Array, lengths: readonly number[]): Float64Array[] {
  let end = 0;
  return lengths.map((length) => vector.subarray(end, (end += length)));
}

/** The network's layers with other numbers. */
function shapedAs(network: Float64Network, vectors: readonly Float64Array[]): Float64Network {
  let next = 0;
  return network.map((layer) => ({
    ...layer,
    weights: vectors[next++]!,
    ...(layer.bias === undefined ? {} : { bias: vectors[next++]! }),
  }));
}
