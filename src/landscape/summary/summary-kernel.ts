import { openKernel } from "../../common/kernel.js";
import type { KernelMemory } from "../../common/kernel.js";

/** The functions of assembly/summary.ts; addresses are byte offsets into `memory`. */
interface Exports extends KernelMemory {
  sumOf(values: number, count: number): number;
  squaresAround(values: number, count: number, mean: number): number;
  sortQuadratics(
    c: number,
    l: number,
    q: number,
    losses: number,
    count: number,
    alpha: number,
    patience: bigint,
  ): number;
  expandQuadratics(
    c: number,
    l: number,
    q: number,
    count: number,
    centre: number,
    reach: number,
    values: number,
    slopes: number,
    bends: number,
    sums: number,
  ): void;
  sumProducts(
    values: number,
    slopes: number,
    bends: number,
    count: number,
    valueMean: number,
    slopeMean: number,
    bendMean: number,
    sums: number,
  ): void;
  findCandidates(
    c: number,
    l: number,
    q: number,
    count: number,
    values: number,
    slopes: number,
    bends: number,
    value: number,
    slope: number,
    bend: number,
    margin: number,
    candidates: number,
    stride: number,
    below: number,
  ): number;
  followRanks(
    candidates: number,
    stride: number,
    count: number,
    low: number,
    high: number,
    alphas: number,
    taus: number,
    points: number,
    value: number,
    slope: number,
    bend: number,
    margin: number,
    lows: number,
    highs: number,
  ): number;
}

/** What sums the losses at one point after the other. */
export interface SummaryKernel {
  /** One loss a batch. */
  values: Float64Array;
  /** The values' sum. */
  sum(): number;
  /** The sum of the squares of the values' distances from a mean. */
  squaresAround(mean: number): number;
}

/** A quadratic value + τ(slope + τ·bend). */
export interface Expansion {
  value: number;
  slope: number;
  bend: number;
}

/** What sorts and sums losses that are quadratics c + α(l + αq). */
export interface QuadraticKernel extends SummaryKernel {
  /** c, l and q of the batches, which `sortQuadratics` brings into the order of the values. */
  coefficients: readonly Float64Array[];
  /** Fills the values with the losses at α, in the order of the coefficients. */
  evaluate(alpha: number): void;
  /** Fills the values with the losses at α, ascending; false where that took more than so many shifts. */
  sortQuadratics(alpha: number, patience: number): boolean;
  /** The batches' expansions, as `expand` last made them: values, slopes and bends. */
  expansions: readonly Float64Array[];
  /** α, and τ in [−1, 1], of each point of a stretch. */
  alphas: Float64Array;
  taus: Float64Array;
  /** What `follow` found: the values of the lower rank and of the higher at each point. */
  lows: Float64Array;
  highs: Float64Array;
  /**
   * Expands the quadratics in τ = (α − centre)/reach.
   *
   * @returns the sums of values, slopes and bends, and where a batch's least bound from below in
   *   |τ| ≤ 1, value − |slope| − |bend|, is negative, that; valid up to the next call
   */
  expand(centre: number, reach: number): Float64Array;
  /**
   * The sums of the products of values', slopes' and bends' distances from their means: vv, vs, vb, ss,
   * sb, bb; valid up to the next call.
   */
  sumProducts(means: Expansion): Float64Array;
  /**
   * Gathers the batches that may come within a margin of a reference in |τ| ≤ 1.
   *
   * @returns how many those are, and how many others are below all the way
   */
  findCandidates(reference: Expansion, margin: number): { candidates: number; below: number };
  /**
   * Finds the values of two ranks among so many candidates at so many points.
   *
   * @returns whether all are within a margin of a reference; if not, they are not known
   */
  followRanks(
    candidates: number,
    ranks: readonly [number, number],
    points: number,
    reference: Expansion,
    margin: number,
  ): boolean;
}

/** A kernel for as many losses a point. */
export function openSummaryKernel(count: number): SummaryKernel {
  const { functions, allocate } = openKernel<Exports>("summary");
  const [values = 0] = allocate([count * 8]);
  return {
    values: new Float64Array(functions.memory.buffer, values, count),
    ...sumsIn(functions, values, count),
  };
}

function sumsIn(
  functions: Exports,
  values: number,
  count: number,
): Pick<SummaryKernel, "sum" | "squaresAround"> {
  return {
    sum: () => functions.sumOf(values, count),
    squaresAround: (mean) => functions.squaresAround(values, count, mean),
  };
}

/**
 * A kernel for quadratics.
 *
 * @param count how many there are
 * @param points of a stretch, at the most
 */
export function openQuadraticKernel(count: number, points: number): QuadraticKernel {
  const { functions, allocate } = openKernel<Exports>("summary");
  const bytes = count * 8;
  // Of candidates four numbers are kept, on boundaries of 16 bytes.
  const stride = Math.ceil(bytes / 16) * 16;
  const [losses = 0, c = 0, l = 0, q = 0] = allocate([bytes, bytes, bytes, bytes]);
  const [values = 0, slopes = 0, bends = 0] = allocate([bytes, bytes, bytes]);
  const [candidates = 0, sums = 0, below = 0] = allocate([4 * stride, 48, 4]);
  const ofPoints = Array.from({ length: 4 }, () => points * 8);
  const [alphas = 0, taus = 0, lows = 0, highs = 0] = allocate(ofPoints);
  const { buffer } = functions.memory;
  const view = (place: number, length = count) => new Float64Array(buffer, place, length);
  const summed = view(sums, 6);
  const expanded = [values, slopes, bends] as const;
  const counted = new Int32Array(buffer, below, 1);
  return {
    values: view(losses),
    ...sumsIn(functions, losses, count),
    coefficients: [view(c), view(l), view(q)],
    evaluate(alpha) {
      // Whatever is out of order is left so.
      functions.sortQuadratics(c, l, q, losses, count, alpha, -1n);
    },
    sortQuadratics: (alpha, patience) =>
      functions.sortQuadratics(c, l, q, losses, count, alpha, BigInt(patience)) !== 0,
    expansions: [view(values), view(slopes), view(bends)],
    alphas: view(alphas, points),
    taus: view(taus, points),
    lows: view(lows, points),
    highs: view(highs, points),
    expand(centre, reach) {
      functions.expandQuadratics(c, l, q, count, centre, reach, ...expanded, sums);
      return summed;
    },
    sumProducts({ value, slope, bend }) {
      functions.sumProducts(...expanded, count, value, slope, bend, sums);
      return summed;
    },
    findCandidates({ value, slope, bend }, margin) {
      const quadratics = [c, l, q, count] as const;
      const near = [value, slope, bend, margin] as const;
      const to = [candidates, stride, below] as const;
      const found = functions.findCandidates(...quadratics, ...expanded, ...near, ...to);
      return { candidates: found, below: counted[0]! };
    },
    followRanks(found, ranks, length, { value, slope, bend }, margin) {
      const from = [candidates, stride, found] as const;
      const near = [value, slope, bend, margin] as const;
      const along = [alphas, taus, length] as const;
      return functions.followRanks(...from, ...ranks, ...along, ...near, lows, highs) !== 0;
    },
  };
}
