import { ritzPairs, type RitzPair } from "./ritz.js";
import { addScaled, combined, dot, lengthOf, orthogonalTo, unit } from "./vectors.js";

/** An iteration ends when each residual is at most this fraction of its eigenvalue, unless told otherwise, … */
const TOLERANCE = 1e-3;
/** … or this fraction of the largest magnitude of an eigenvalue, where the rounding of float64 begins. */
export const ROUNDING = 1e-13;
/** The most vectors of the basis: the eigenproblem of this size takes some seconds. */
const MOST_VECTORS = 1000;
/** The fewest vectors of the basis, which a restart needs, beside those that are wanted. */
const FEWEST_VECTORS = 8;

/** Limits of an iteration that does not converge. */
export interface LanczosLimits {
  /** The most products with the matrix, at least 2. Default 2000. */
  products?: number;
  /** The most bytes of the basis, unless the fewest vectors take more. Default 256 MiB. */
  memory?: number;
}

/** What an iteration looks for, and when it ends. */
export interface EigenpairsWanted extends LanczosLimits {
  /** How many of the least and of the largest eigenvalues. */
  least: number;
  largest: number;
  /** The largest residual, as a fraction of the eigenvalue's magnitude. Default 10⁻³. */
  tolerance?: number;
  /** Residuals of this fraction of the largest magnitude of an eigenvalue are rounding. Default 10⁻¹³. */
  rounding?: number;
  /** Whether a product takes less time than the basis' eigenproblem, which is then solved less often. Default false. */
  fast?: boolean;
  /** Called after each product with the worst ratio of a residual's estimate to what is allowed, once known. */
  onProduct?: (products: number, worst: number | undefined) => void;
}

/** An eigenvalue of a symmetric matrix and its eigenvector, as far as they were found. */
export interface Eigenpair {
  /** vᵀAv. */
  value: number;
  /** v, of length 1. */
  vector: Float64Array;
  /** ‖Av − value·v‖, from a product with v itself: an eigenvalue lies within this distance of `value`. */
  residual: number;
  /** Whether the residual is at most the tolerance times |value|, or rounding. */
  converged: boolean;
}

/** Eigenpairs at both ends of a spectrum. */
export interface ExtremeEigenpairs {
  /** Ascending. */
  least: Eigenpair[];
  /** Descending. */
  largest: Eigenpair[];
  /** Estimates of the ends of the spectrum, from within. */
  ends: { least: number; largest: number };
  /** Products with the matrix that it took. */
  products: number;
  converged: boolean;
}

/** Gives Av of each vector; several at once may cost less than one after the other. */
export type Times = (vectors: readonly Float64Array[]) => Promise<Float64Array[]>;

/**
 * The least and the largest eigenvalues of a symmetric matrix A by the Lanczos iteration with full
 * reorthogonalisation (Golub and Van Loan, Matrix Computations, §10.1) and thick restarts (Wu and Simon
 * 2000, "Thick-restart Lanczos method for large symmetric eigenvalue problems"). The basis has at most
 * 1000 vectors, and as many as fit the memory; when it is full, its approximate eigenvectors at the
 * wanted ends begin the next. An eigenvalue that occurs several times may be found once.
 *
 * @param start a vector that is not zero
 */
export async function extremeEigenpairs(
  times: Times,
  start: Float64Array,
  wanted: EigenpairsWanted,
): Promise<ExtremeEigenpairs> {
  const { products: most = 2000, onProduct } = wanted;
  const size = start.length;
  const room = roomFor(size, wanted);
  let basis: Float64Array[] = [];
  /** Of A in the basis the lower triangle, row by row. */
  let projected: number[][] = [];
  let next = start;
  let products = 0;
  let unchecked = 0;
  let worst: number | undefined;
  for (;;) {
    const vector = unit(next);
    const [product] = await times([vector]);
    products++;
    unchecked++;
    basis.push(vector);
    projected.push(basis.map((axis) => dot(axis, product!)));
    next = orthogonalTo(basis, product!);
    const length = lengthOf(next);
    const isComplete = basis.length === size || length === 0;
    // The eigenvectors that are found take a product each.
    const last = isComplete || products + wanted.least + wanted.largest >= most;
    onProduct?.(products, worst);
    // The basis' eigenproblem takes the cube of its size: with m vectors it is solved every m²/4000 products, or m/8.
    const rest = basis.length / (wanted.fast ? 8 : 4000 / basis.length);
    if (!last && basis.length < room && unchecked < rest) continue;
    unchecked = 0;
    const ritz = ritzPairs(projected);
    const found = selected(ritz, wanted);
    const scale = Math.max(Math.abs(ritz[0]!.value), Math.abs(ritz.at(-1)!.value));
    const all = [...found.least, ...found.largest];
    // |β·sₘ|: the residuals, were there no rounding.
    worst = Math.max(
      ...all.map(
        ({ value, vector: weights }) =>
          (length * Math.abs(weights.at(-1)!)) / allowedAt(value, scale, wanted),
      ),
    );
    const enough = ritz.length >= wanted.least + wanted.largest;
    if (last || (enough && worst <= 1)) {
      return verified(times, basis, ritz, wanted, products);
    }
    if (basis.length < room) continue;
    const kept = keptPairs(ritz, wanted, Math.floor(room / 2));
    basis = kept.map(({ vector: weights }) => combined(basis, weights));
    projected = kept.map(({ value }, at) => [...Array.from({ length: at }, () => 0), value]);
  }
}

/** How many vectors a basis has room for. */
function roomFor(
  size: number,
  { least, largest, memory = 256 * 2 ** 20 }: EigenpairsWanted,
): number {
  const fitting = Math.floor(memory / (8 * size));
  return Math.max(FEWEST_VECTORS + 2 * (least + largest), Math.min(MOST_VECTORS, fitting));
}

function allowedAt(
  value: number,
  scale: number,
  { tolerance = TOLERANCE, rounding = ROUNDING }: EigenpairsWanted,
): number {
  return Math.max(tolerance * Math.abs(value), rounding * scale, Number.MIN_VALUE);
}

/** The wanted ones among ascending pairs, from the outside in; of fewer pairs all, each at one end. */
function selected(
  ritz: readonly RitzPair[],
  { least, largest }: EigenpairsWanted,
): { least: RitzPair[]; largest: RitzPair[] } {
  const many = Math.min(least, ritz.length);
  const above = Math.min(largest, ritz.length);
  return {
    least: ritz.slice(0, many),
    largest: ritz.slice(ritz.length - above).toReversed(),
  };
}

/** The pairs that begin the next basis: those at the wanted ends, and the last of the other end. */
function keptPairs(
  ritz: readonly RitzPair[],
  { least, largest }: EigenpairsWanted,
  count: number,
): RitzPair[] {
  const low = Math.max(1, Math.round(((count - 1) * least) / Math.max(1, least + largest)));
  const high = Math.max(1, count - low);
  return [...ritz.slice(0, low), ...ritz.slice(-high)];
}

/** The wanted pairs with their residuals, from products with the vectors themselves. */
async function verified(
  times: Times,
  basis: readonly Float64Array[],
  ritz: readonly RitzPair[],
  wanted: EigenpairsWanted,
  products: number,
): Promise<ExtremeEigenpairs> {
  const found = selected(ritz, wanted);
  const ends = { least: ritz[0]!.value, largest: ritz.at(-1)!.value };
  const scale = Math.max(Math.abs(ends.least), Math.abs(ends.largest));
  const distinct = [...new Set([...found.least, ...found.largest])];
  const vectors = distinct.map(({ vector }) => unit(combined(basis, vector)));
  const moved = await times(vectors);
  const pairs = new Map(
    distinct.map((pair, at): [RitzPair, Eigenpair] => {
      const vector = vectors[at]!;
      const value = dot(vector, moved[at]!);
      const rest = moved[at]!.slice();
      addScaled(rest, -value, vector);
      const residual = lengthOf(rest);
      const converged = residual <= allowedAt(value, scale, wanted);
      return [pair, { value, vector, residual, converged }];
    }),
  );
  const least = found.least.map((pair) => pairs.get(pair)!);
  const largest = found.largest.map((pair) => pairs.get(pair)!);
  return {
    least,
    largest,
    ends,
    products: products + distinct.length,
    converged: [...least, ...largest].every(({ converged }) => converged),
  };
}
