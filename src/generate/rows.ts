import { linearBound } from "./linear-bound.js";
import { createKernel, type Kernel } from "./kernel.js";
import { orderGap } from "./order-gap.js";
import { randomNormals, STREAMS } from "./random.js";
import type { RowSpec } from "./spec.js";

/** The weights that a dataset's targets were made with, row-major. */
export type Truth = { w: Float32Array } | { w1: Float32Array; w2: Float32Array };

/**
 * The true weights of a spec, each drawn from N(0,1).
 *
 * @returns LSM: w, D numbers; two-layer-sigmoid: w1, D × 2D row-major, and w2, 2D numbers
 */
export function trueWeights(spec: RowSpec): Truth {
  const { features, seed } = spec;
  if (spec.kind === "lsm") return { w: randomNormals(seed, STREAMS.trueWeights, 0, features) };
  return {
    w1: randomNormals(seed, STREAMS.trueWeights, 0, features * features * 2),
    w2: randomNormals(seed, STREAMS.trueWeights, 1, features * 2),
  };
}

/**
 * Makes any rows of a dataset: a row is a pure function of the spec (and, in two-layer-sigmoid data,
 * of the two maxima), whatever rows were made before. One maker belongs to one thread; its arrays
 * are used again by the next call.
 */
export interface RowMaker {
  /** Rows that one call makes at the most. */
  readonly capacity: number;
  /** Rows first … first+rows−1: x is rows × D, row-major, y one target a row. */
  make(first: number, rows: number): { x: Float32Array; y: Float32Array };
  /**
   * Two-layer-sigmoid: the largest first-layer value of the rows (`maximum1` undefined), or the
   * largest second-layer value given the first maximum.
   *
   * @param atLeast a float32, returned where no row has a larger one; rows that cannot pass it cost little
   */
  maximum(first: number, rows: number, maximum1?: number, atLeast?: number): number;
  /**
   * Two-layer-sigmoid: both maxima of the rows in one pass, the second as if the first, which is not known
   * before all rows have been looked at, were a guess.
   *
   * @param guess a float32 above 0
   * @param atLeast as in `maximum`, for both
   */
  bothMaxima(
    first: number,
    rows: number,
    guess: number,
    atLeast: readonly [number, number],
  ): FoundMaxima;
}

/** What one pass over some rows finds. */
export interface FoundMaxima {
  /** The largest first-layer value, and the largest second-layer value with the guess. */
  maxima: [number, number];
  /**
   * Groups of up to eight rows one after the other: the first row of each, counted from the first of all, and
   * its largest second-layer value. Every row whose value is at most `gap` below the largest is in one of
   * them. Undefined where they are too many.
   */
  groups: { row: number; value: number }[] | undefined;
  gap: number;
}

/** Rows in a group of `FoundMaxima` at the most. */
export const GROUP_ROWS = 8;
/** Groups that one pass over the rows of a call remembers at the most. */
const GROUPS = 4096;
/** How much larger than the guess the first maximum may be for the groups to be enough. */
const GUESSED = 1.12;

/**
 * A row maker for a spec.
 *
 * LSM: x ~ N(0,1), y = Σ x_j w_j + noise·ε, summed in float64 and rounded once to float32.
 *
 * Two-layer-sigmoid: a = σ(x)W1 + noise·ε with one ε a row; a = a/max(a) − ½; b = σ(a)·w2 + noise·ε′;
 * y = b/max(b), in float32. `maxima` are max(a) and max(b) over the whole dataset.
 *
 * @param capacity rows that one call makes at the most
 * @param maxima needed by `make` for two-layer-sigmoid data
 */
export function createRowMaker(
  spec: RowSpec,
  capacity: number,
  maxima?: readonly [number, number],
): RowMaker {
  const { features, noise, seed } = spec;
  const kernel = createKernel();
  const { functions } = kernel;
  const truth = trueWeights(spec);
  const tileBytes = 2 * 16 * 4 * Math.ceil(features / 4);
  const [x = 0, y = 0, tile = 0] = kernel.allocate([
    capacity * features * 4,
    capacity * 4,
    tileBytes,
  ]);
  const views = (rows: number): { x: Float32Array; y: Float32Array } => ({
    x: new Float32Array(functions.memory.buffer, x, rows * features),
    y: new Float32Array(functions.memory.buffer, y, rows),
  });

  if ("w" in truth) {
    const [weights = 0] = kernel.allocate([features * 8]);
    new Float64Array(functions.memory.buffer, weights, features).set(truth.w);
    return {
      capacity,
      make(first, rows) {
        functions.lsmRows(seed, first, rows, features, noise, weights, tile, x, y);
        return views(rows);
      },
      maximum() {
        throw new Error("LSM data has no maxima.");
      },
      bothMaxima() {
        throw new Error("LSM data has no maxima.");
      },
    };
  }

  const layers = layersIn(kernel, features, truth);
  const { w1, w2, sorted, bounds, halfSum, error } = layers;
  const [slopes = 0, found = 0] = kernel.allocate([features * 4, 8 + 8 * GROUPS]);
  let bound: { maximum1: number; noiseSlope: number; intercept: number } | undefined;
  const boundFor = (maximum1: number): { noiseSlope: number; intercept: number } => {
    if (bound?.maximum1 !== maximum1) {
      const made = linearBound(features, noise, truth.w1, truth.w2, maximum1);
      new Float32Array(functions.memory.buffer, slopes, features).set(made.slopes);
      bound = { ...made, maximum1 };
    }
    return bound;
  };
  let guessed: { guess: number; gap: number } | undefined;
  const gapFor = (guess: number): number => {
    if (guessed?.guess !== guess) {
      const gap = orderGap(features, noise, truth.w1, truth.w2, guess, guess * GUESSED);
      guessed = { guess, gap: Math.fround(gap) };
    }
    return guessed.gap;
  };
  return {
    capacity,
    make(first, rows) {
      if (maxima === undefined) throw new Error("Two-layer-sigmoid rows need the two maxima.");
      const [a, b] = maxima;
      const { twoLayerSigmoidRows: run } = functions;
      run(seed, first, rows, features, noise, w1, w2, a, b, tile, x, y);
      return views(rows);
    },
    maximum(first, rows, maximum1, atLeast = -Infinity) {
      const { firstLayerMaximum, secondLayerMaximum } = functions;
      const row = [seed, first, rows, features, noise] as const;
      if (maximum1 === undefined) {
        return firstLayerMaximum(...row, sorted, bounds, atLeast, tile);
      }
      const { noiseSlope, intercept } = boundFor(maximum1);
      const linear = [slopes, noiseSlope, intercept] as const;
      return secondLayerMaximum(...row, w1, w2, maximum1, ...linear, halfSum, error, atLeast, tile);
    },
    bothMaxima(first, rows, guess, atLeast) {
      const { noiseSlope, intercept } = boundFor(guess);
      const gap = gapFor(guess);
      const row = [seed, first, rows, features, noise, sorted, bounds, atLeast[0]] as const;
      const linear = [slopes, noiseSlope, intercept, halfSum, error, gap] as const;
      const { bothMaxima: run, memory } = functions;
      const count = run(...row, w1, w2, guess, ...linear, atLeast[1], tile, found, GROUPS);
      const [largest1 = 0, largest2 = 0] = new Float32Array(memory.buffer, found, 2);
      const view = new DataView(memory.buffer, found + 8);
      const groups = Array.from({ length: Math.min(count, GROUPS) }, (_, group) => ({
        row: view.getUint32(8 * group, true),
        value: view.getFloat32(8 * group + 4, true),
      }));
      return {
        maxima: [largest1, largest2],
        groups: count > GROUPS ? undefined : groups,
        gap,
      };
    },
  };
}

/** The error of the kernel's polynomial for σ, relative to the weight that it is multiplied with. */
const POLYNOMIAL_ERROR = 3e-4;
/** More than the rounding of one float32 operation. */
const ROUNDING = 2 ** -22;

/** Weights of the two-layer-sigmoid data in a kernel's memory, as assembly/two-layer-sigmoid.ts takes them. */
function layersIn(
  kernel: Kernel,
  features: number,
  truth: { w1: Float32Array; w2: Float32Array },
): Record<"w1" | "w2" | "sorted" | "bounds" | "halfSum" | "error", number> {
  const hidden = features * 2;
  const padded = Math.ceil(hidden / 4) * 4;
  const matrix = features * padded * 4;
  const [w1 = 0, sorted = 0, w2 = 0, bounds = 0] = kernel.allocate([
    matrix,
    matrix,
    padded * 4,
    padded * 4,
  ]);
  const floats = (at: number, count: number): Float32Array =>
    new Float32Array(kernel.functions.memory.buffer, at, count);
  const columns = floats(w1, features * padded);
  const largest = new Float64Array(hidden);
  for (let unit = 0; unit < hidden; unit++) {
    let positive = 0;
    let magnitude = 0;
    for (let feature = 0; feature < features; feature++) {
      const weight = truth.w1[feature * hidden + unit] ?? 0;
      columns[unit * features + feature] = weight;
      positive += Math.max(0, weight);
      magnitude += Math.abs(weight);
    }
    largest[unit] = positive + magnitude * (features + 10) * ROUNDING;
  }
  const order = [...largest.keys()].toSorted((a, b) => (largest[b] ?? 0) - (largest[a] ?? 0));
  for (let place = 0; place < padded; place++) {
    const unit = order[Math.min(place, hidden - 1)] ?? 0;
    const column = columns.subarray(unit * features, (unit + 1) * features);
    floats(sorted, features * padded).set(column, place * features);
    floats(bounds, padded)[place] = largest[unit] ?? 0;
  }
  floats(w2, hidden).set(truth.w2);
  const magnitude = truth.w2.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const halfSum = truth.w2.reduce((sum, weight) => sum + weight, 0) / 2;
  const error = magnitude * (POLYNOMIAL_ERROR + (hidden + 10) * ROUNDING);
  return { w1, w2, sorted, bounds, halfSum, error };
}
