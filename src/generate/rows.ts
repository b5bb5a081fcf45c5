import { openKernel, type Kernel } from "../common/kernel.js";
import { randomNormals, STREAMS } from "./random.js";
import type { RowSpec } from "./options.js";

/** The weights from which a dataset's targets are computed, row-major. */
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
 * Generates any rows of a dataset: a row is a pure function of the spec and its number (and, in
 * two-layer-sigmoid data, of the two maxima). A maker belongs to one thread, and the next call uses its
 * arrays again.
 */
export interface RowMaker {
  /** The most rows of one call. */
  readonly capacity: number;
  /** Rows first … first+rows−1: x is rows × D, row-major, y one target a row. */
  make(first: number, rows: number): { x: Float32Array; y: Float32Array };
  /**
   * Two-layer-sigmoid: the largest first-layer value of the rows (`maximum1` undefined), or the
   * largest second-layer value given the first maximum.
   */
  maximum(first: number, rows: number, maximum1?: number): number;
}

/**
 * Creates a row maker for a spec.
 *
 * LSM: x ~ N(0,1), y = Σ x_j w_j + noise·ε, summed in float64 and rounded once to float32.
 *
 * Two-layer-sigmoid: a = σ(x)W1 + noise·ε with one ε per row; a = a/max(a) − ½; b = σ(a)·w2 + noise·ε′;
 * y = b/max(b), in float32. `maxima` are max(a) and max(b) over the whole dataset.
 *
 * @param capacity the most rows of one call
 * @param maxima `make` needs them for two-layer-sigmoid data
 */
export function createRowMaker(
  spec: RowSpec,
  capacity: number,
  maxima?: readonly [number, number],
): RowMaker {
  const truth = trueWeights(spec);
  const output = createOutput(spec.features, capacity);
  return "w" in truth
    ? lsmMaker(spec, output, truth.w)
    : twoLayerSigmoidMaker(spec, output, truth, maxima);
}

/** A kernel with room for rows. */
interface RowOutput {
  kernel: Kernel<"generate">;
  capacity: number;
  /** Addresses of features, targets and the kernel's working memory. */
  x: number;
  y: number;
  tile: number;
  /** The first rows in the kernel's memory. */
  views(rows: number): { x: Float32Array; y: Float32Array };
}

function createOutput(features: number, capacity: number): RowOutput {
  const kernel = openKernel("generate");
  const tileBytes = 2 * 16 * 4 * Math.ceil(features / 4);
  const sizes = [capacity * features * 4, capacity * 4, tileBytes];
  const [x = 0, y = 0, tile = 0] = kernel.allocate(sizes);
  return {
    kernel,
    capacity,
    x,
    y,
    tile,
    views(rows) {
      const { buffer } = kernel.functions.memory;
      return {
        x: new Float32Array(buffer, x, rows * features),
        y: new Float32Array(buffer, y, rows),
      };
    },
  };
}

function lsmMaker(spec: RowSpec, output: RowOutput, w: Float32Array): RowMaker {
  const { features, noise, seed } = spec;
  const { kernel, capacity, x, y, tile, views } = output;
  const { functions } = kernel;
  const [weights = 0] = kernel.allocate([features * 8]);
  new Float64Array(functions.memory.buffer, weights, features).set(w);
  return {
    capacity,
    make(first, rows) {
      functions.lsmRows(seed, first, rows, features, noise, weights, tile, x, y);
      return views(rows);
    },
    maximum() {
      throw new Error("LSM data has no maxima.");
    },
  };
}

function twoLayerSigmoidMaker(
  spec: RowSpec,
  output: RowOutput,
  truth: { w1: Float32Array; w2: Float32Array },
  maxima: readonly [number, number] | undefined,
): RowMaker {
  const { features, noise, seed } = spec;
  const { kernel, capacity, x, y, tile, views } = output;
  const { functions } = kernel;
  const { w1, w2 } = layersIn(kernel, features, truth);
  return {
    capacity,
    make(first, rows) {
      if (maxima === undefined) throw new Error("Two-layer-sigmoid rows need the two maxima.");
      const [a, b] = maxima;
      const { twoLayerSigmoidRows: run } = functions;
      run(seed, first, rows, features, noise, w1, w2, a, b, tile, x, y);
      return views(rows);
    },
    maximum(first, rows, maximum1) {
      const { firstLayerMaximum, secondLayerMaximum } = functions;
      const row = [seed, first, rows, features, noise] as const;
      return maximum1 === undefined
        ? firstLayerMaximum(...row, w1, tile)
        : secondLayerMaximum(...row, w1, w2, maximum1, tile);
    },
  };
}

/** Writes the true weights to a kernel's memory, in the layout of assembly/two-layer-sigmoid.ts. */
function layersIn(
  kernel: Kernel<"generate">,
  features: number,
  truth: { w1: Float32Array; w2: Float32Array },
): { w1: number; w2: number } {
  const hidden = features * 2;
  const padded = Math.ceil(hidden / 4) * 4;
  const [w1 = 0, w2 = 0] = kernel.allocate([features * padded * 4, padded * 4]);
  const floats = (at: number, count: number): Float32Array =>
    new Float32Array(kernel.functions.memory.buffer, at, count);
  const columns = floats(w1, features * padded);
  for (let column = 0; column < padded; column++) {
    const unit = Math.min(column, hidden - 1);
    for (let feature = 0; feature < features; feature++) {
      columns[column * features + feature] = truth.w1[feature * hidden + unit] ?? 0;
    }
  }
  floats(w2, hidden).set(truth.w2);
  return { w1, w2 };
}
