import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** The iteration ends when the residual is at most this fraction of the eigenvalue … */
const TOLERANCE = 1e-3;
/** … or this fraction of the largest magnitude of an eigenvalue, where rounding begins. */
const ROUNDING = 1e-13;
/** The most vectors of the basis: the eigenproblem of this size takes some seconds. */
const MOST_VECTORS = 1000;
/** The fewest vectors of the basis, which a restart needs. */
const FEWEST_VECTORS = 8;

/** Limits of an iteration that does not converge. */
export interface LanczosLimits {
  /** The most products with the matrix, at least 2. Default 2000. */
  products?: number;
  /** The most bytes of the basis, unless eight vectors take more. Default 256 MiB. */
  memory?: number;
}

/** The least eigenvalue of a symmetric matrix and its eigenvector, as far as they were found. */
export interface Eigenpair {
  /** vᵀAv. */
  value: number;
  /** v, of length 1. */
  vector: Float64Array;
  /** ‖Av − value·v‖, from a product with v itself: an eigenvalue lies within this distance of `value`. */
  residual: number;
  /** The largest eigenvalue's estimate, from below. */
  largest: number;
  /** Products with the matrix that it took. */
  products: number;
  /** Whether the residual is at most 10⁻³ of |value|, or 10⁻¹³ of the largest magnitude of an eigenvalue. */
  converged: boolean;
}

/**
 * The least eigenvalue of a symmetric matrix A by the Lanczos iteration with full reorthogonalisation
 * (Golub and Van Loan, Matrix Computations, §10.1) and thick restarts (Wu and Simon 2000,
 * "Thick-restart Lanczos method for large symmetric eigenvalue problems"). The basis has at most 1000
 * vectors, and as many as fit the memory; when it is full, the half of its approximate eigenvectors
 * with the least eigenvalues and the one with the largest begin the next.
 *
 * @param times gives Av
 * @param start a vector that is not zero
 */
export async function leastEigenpair(
  times: (vector: Float64Array) => Promise<Float64Array>,
  start: Float64Array,
  { products: most = 2000, memory = 256 * 2 ** 20 }: LanczosLimits = {},
): Promise<Eigenpair> {
  const size = start.length;
  const fitting = Math.floor(memory / (8 * size));
  const room = Math.max(FEWEST_VECTORS, Math.min(MOST_VECTORS, fitting));
  let basis: Float64Array[] = [];
  /** Of A in the basis the lower triangle, row by row. */
  let projected: number[][] = [];
  let next = start;
  let products = 0;
  let unchecked = 0;
  for (;;) {
    const vector = unit(next);
    const product = await times(vector);
    products++;
    unchecked++;
    basis.push(vector);
    projected.push(basis.map((axis) => dot(axis, product)));
    next = orthogonalTo(basis, product);
    const length = normOf(next);
    const isComplete = basis.length === size || length === 0;
    // The eigenvector that is found takes one more product.
    const last = isComplete || products + 1 >= most;
    // The basis' eigenproblem takes the cube of its size: with m vectors it is solved every m²/4000 products.
    if (!last && basis.length < room && unchecked < basis.length ** 2 / 4000) continue;
    unchecked = 0;
    const ritz = eigenpairsOf(projected);
    const [least, largest] = [ritz[0]!, ritz.at(-1)!];
    const scale = Math.max(Math.abs(least.value), Math.abs(largest.value));
    // |β·sₘ|: the residual of the least one, were there no rounding.
    if (last || isSmall(length * Math.abs(least.vector.at(-1)!), least.value, scale)) {
      const found = unit(combined(basis, least.vector));
      const moved = await times(found);
      const value = dot(found, moved);
      const residual = normOf(moved.map((number, at) => number - value * found[at]!));
      return {
        value,
        vector: found,
        residual,
        largest: largest.value,
        products: products + 1,
        converged: isSmall(residual, value, scale),
      };
    }
    if (basis.length < room) continue;
    const kept = [...ritz.slice(0, Math.floor(room / 2)), largest];
    basis = kept.map(({ vector: weights }) => combined(basis, weights));
    projected = kept.map(({ value }, at) => [...Array.from({ length: at }, () => 0), value]);
  }
}

function isSmall(residual: number, value: number, scale: number): boolean {
  return residual <= Math.max(TOLERANCE * Math.abs(value), ROUNDING * scale);
}

/** An approximate eigenvalue, and its eigenvector in the basis. */
interface RitzPair {
  value: number;
  vector: number[];
}

/** The eigenpairs of a symmetric matrix, given by its lower triangle, ascending. */
function eigenpairsOf(triangle: readonly (readonly number[])[]): RitzPair[] {
  const size = triangle.length;
  const matrix = Matrix.zeros(size, size);
  for (const [row, values] of triangle.entries()) {
    for (const [column, value] of values.entries()) {
      matrix.set(row, column, value);
      matrix.set(column, row, value);
    }
  }
  const eigen = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  return eigen.realEigenvalues.map((value, at) => ({
    value,
    vector: eigen.eigenvectorMatrix.getColumn(at),
  }));
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

function unit(vector: Float64Array): Float64Array {
  const length = normOf(vector);
  return vector.map((value) => value / length);
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!;
  return sum;
}

function normOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}
