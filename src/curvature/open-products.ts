import path from "node:path";
import { usageError } from "../common/errors.js";
import { isDense } from "../model/index.js";
import type { Network } from "../model/index.js";
import type { RunRows } from "../train/index.js";
import type { Times } from "./eigen/lanczos.js";
import {
  isMatrixFaster,
  isMatrixPossible,
  matrixPartRows,
  matrixProducts,
  type MatrixKeeping,
} from "./matrix/matrix-products.js";
import { autodiffPartRows, autodiffProducts } from "./products/autodiff-products.js";
import { denseProducts, partRowsOf } from "./products/dense-products.js";
import { rowsOfBatches, rowSource } from "./products/row-source.js";
import type { HessianProducts } from "./products/types.js";
import type { CurvatureSettings } from "./resolve-options.js";
import { MATRIX_FILE, readMatrixSums, writeMatrixSums } from "./store/matrix-sums.js";
import { openProductLog, PRODUCTS_FILE } from "./store/product-log.js";
import type { CurvatureOptions } from "./types.js";

/** How often the sums of a whole Hessian are written, in milliseconds. */
const KEEP_EVERY = 15_000;

/** The diagonal stands in the log as the product of no vector. */
const NO_VECTOR = new Float64Array(0);

/** What products are computed from. */
interface ProductsInput {
  network: Network;
  dataset: RunRows;
  settings: CurvatureSettings;
  options: Pick<CurvatureOptions, "signal" | "onProgress">;
}

/** Hessian–vector products that are written to a log, or taken from it. */
export interface LoggedProducts extends Pick<
  HessianProducts,
  "size" | "method" | "simd" | "rounding"
> {
  times: Times;
  /** The trace, which products with single vectors do not give: undefined where the whole matrix is not there. */
  trace(): Promise<number | undefined>;
  /** Rows of a pass. */
  readonly rows: number;
  /** Products so far, those from the log included. */
  readonly count: number;
  /** Passes over the rows so far, those before an interruption included. */
  readonly passes: number;
  /** Products in the log. */
  readonly logged: number;
  /** Rows that are in the sums of a whole Hessian that are kept. */
  readonly summed: number;
  close(): Promise<void>;
}

/**
 * Computes the products of vectors that are not in the log.
 *
 * @param before how many products are in the log
 */
export type ComputeProducts = (
  vectors: readonly Float64Array[],
  before: number,
) => Promise<Float64Array[]>;

/**
 * Opens the products of a job.
 *
 * @param partial the folder for the log
 * @param compute where they come from; default: a pass over the rows
 */
export async function openProducts(
  input: ProductsInput,
  partial: string,
  compute?: ComputeProducts,
): Promise<LoggedProducts> {
  const { settings, options } = input;
  let [count, passes, computed, closed] = [0, 0, 0, false];
  const onRows = (done: number, total: number): void => {
    const phase = products.method === "matrix" ? "Hessian" : `product ${count + 1}`;
    options.onProgress?.({ phase, done, total, unit: "rows" });
  };
  const kept = keptSums(path.join(partial, MATRIX_FILE));
  const { products, rows } = await productsOf(input, compute === undefined, kept, onRows);
  const timesAll: ComputeProducts =
    compute ?? ((vectors) => products.times(vectors, settings.part));
  const log = openProductLog(path.join(partial, PRODUCTS_FILE), products.size);
  const before = log.left;

  async function times(vectors: readonly Float64Array[]): Promise<Float64Array[]> {
    const known = vectors.slice(0, log.left).map((vector) => log.take(vector));
    const rest = vectors.slice(known.length);
    const found = rest.length === 0 ? [] : await timesAll(rest, before + computed);
    for (const [at, product] of found.entries()) log.append(rest[at]!, product);
    computed += found.length;
    count += vectors.length;
    passes = products.method === "matrix" ? 1 : passes + 1;
    return [...known, ...found];
  }

  async function trace(): Promise<number | undefined> {
    if (products.diagonal === undefined) return undefined;
    let diagonal: Float64Array;
    if (log.left > 0) diagonal = log.take(NO_VECTOR);
    else {
      diagonal = await products.diagonal();
      log.append(NO_VECTOR, diagonal);
      computed++;
    }
    return diagonal.reduce((sum, number) => sum + number, 0);
  }

  return {
    size: products.size,
    method: products.method,
    simd: products.simd,
    rounding: products.rounding,
    times,
    trace,
    rows,
    get count() {
      return count;
    },
    get passes() {
      return passes;
    },
    get logged() {
      return before + computed;
    },
    get summed() {
      return kept.rows;
    },
    async close() {
      if (closed) return;
      closed = true;
      log.close();
      await products.dispose();
    },
  };
}

/** The sums of a whole Hessian in a file. */
interface SumsFile extends Pick<MatrixKeeping, "read" | "write"> {
  /** Rows that are in them. */
  readonly rows: number;
}

function keptSums(file: string): SumsFile {
  let rows = 0;
  return {
    get rows() {
      return rows;
    },
    read(lengths) {
      const found = readMatrixSums(file, lengths);
      rows = found?.rows ?? 0;
      return found;
    },
    async write(sums) {
      await writeMatrixSums(file, sums);
      ({ rows } = sums);
    },
  };
}

/**
 * @param whole whether the products may come from the whole Hessian, where that is faster
 * @param kept where the sums of the whole Hessian are kept
 */
async function productsOf(
  { network, dataset, settings, options }: ProductsInput,
  whole: boolean,
  kept: SumsFile,
  onRows: (done: number, total: number) => void,
): Promise<{ products: HessianProducts; rows: number }> {
  const { batches, batchSize, memory, workers } = settings;
  const { signal } = options;
  const common = { dataset, batches, batchSize, signal };
  const limits = { workers, signal, onRows };
  const { method } = settings;
  if (method === "matrix" && !(isDense(network) && isMatrixPossible(network, memory / 2))) {
    throw usageError(
      (option) =>
        `${option("method")} matrix needs a network of ReLU and linear layers of at most some 180 inputs, whose Hessian fits half of ${option("memory")}.`,
    );
  }
  if (!isDense(network)) {
    const partRows = await autodiffPartRows(network);
    const source = rowSource({ ...common, partRows, memory: memory / 2 });
    return { products: await autodiffProducts(network, source, limits), rows: source.rows };
  }
  const faster = method === "auto" && isMatrixFaster(network, rowsOfBatches(common), memory / 2);
  if (whole && (method === "matrix" || faster)) {
    const selection = { ...common, partRows: matrixPartRows(network), memory: 0 };
    const source = rowSource(selection);
    const keeping: MatrixKeeping = {
      every: KEEP_EVERY,
      read: kept.read,
      write: kept.write,
      rowsFrom: (first) => rowSource({ ...selection, range: { first, rows: source.rows - first } }),
    };
    const products = matrixProducts(network, source, settings.part, limits, keeping);
    return { products, rows: source.rows };
  }
  const partRows = partRowsOf(network);
  const selection = { ...common, partRows, memory: memory / 2 };
  const source = rowSource(selection);
  const products = denseProducts(network, source, limits);
  return { products, rows: source.rows };
}
