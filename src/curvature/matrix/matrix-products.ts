import { failure, throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { createWorkerPool } from "../../common/worker-pool.js";
import type { DenseNetwork } from "../../model/index.js";
import { ROUNDING } from "../eigen/lanczos.js";
import type { ProductsOptions } from "../products/dense-products.js";
import { hessianSimd, sizeOf } from "../products/kernel-products.js";
import type { RowSource } from "../products/row-source.js";
import type { HessianPart, HessianProducts, RowPart } from "../products/types.js";
import { openMatrixSums } from "./kernel-matrix.js";
import type { KeptSums } from "../store/matrix-sums.js";
import { columnProducts, joinedShares, lengthOfShare, matrixOf, shareOf } from "./layout.js";
import type { MatrixTask, Share, ShareSums } from "./types.js";

/** Rows a weight from which on the matrix takes less time than the products of an iteration. */
const ROWS_A_WEIGHT = 8;
/** Weights up to which it does: its sums take the square of them for a row, a product some 16 times their number. */
const MOST_WEIGHTS = 3000;
/** The most columns of one side of a product in a thread: 8 MiB. */
const MOST_COLUMNS = 16_384;
/** Multiplications of a part of the rows: some tenths of a second. */
const PART_PRODUCTS = 1e9;

/**
 * Whether the network is piecewise linear in the weights of each layer, and its Hessian fits the memory.
 *
 * @param memory bytes
 */
export function isMatrixPossible(network: DenseNetwork, memory: number): boolean {
  // The matrix, and the threads' sums, of which it consists.
  if (16 * sizeOf(network) ** 2 > memory) return false;
  if (!network.every(({ activation }) => activation === "relu" || activation === "linear")) {
    return false;
  }
  return columnProducts(network, "all").every(
    ({ left, right }) => Math.max(sumOf(left), sumOf(right)) <= MOST_COLUMNS,
  );
}

/** Whether the whole Hessian is possible, and takes less time than the products of an iteration. */
export function isMatrixFaster(network: DenseNetwork, rows: number, memory: number): boolean {
  const size = sizeOf(network);
  const few = size <= MOST_WEIGHTS && rows >= ROWS_A_WEIGHT * size;
  return few && isMatrixPossible(network, memory);
}

/** How many rows a part has: whole tiles, so that the sums do not depend on it. */
export function matrixPartRows(network: DenseNetwork): number {
  const fitting = Math.floor((2 * PART_PRODUCTS) / sizeOf(network) ** 2 / 64) * 64;
  return Math.min(65_536, Math.max(64, fitting));
}

/**
 * Products with the Hessian of a piecewise linear network's mean squared error, in float64. The first one
 * assembles the matrix in a pass over the rows: Σ∇f∇fᵀ, and the blocks of Σ(f − y)∇²f between layers. Each
 * of its numbers is summed by one thread in the order of the rows, so that it is the same for any number
 * of threads.
 *
 * @param source the rows, in parts of `matrixPartRows` rows
 * @param part which part of the Hessian
 * @param keeping keeps the sums now and then, and continues from those of an assembly that was interrupted
 */
export function matrixProducts(
  network: DenseNetwork,
  source: RowSource,
  part: HessianPart,
  options: ProductsOptions,
  keeping?: MatrixKeeping,
): HessianProducts {
  const size = sizeOf(network);
  const pause = createPause(options.signal);
  let matrix: Float64Array | undefined;
  const whole = async (): Promise<Float64Array> =>
    (matrix ??= await assembled(network, source, part, options, keeping));
  return {
    size,
    method: "matrix",
    rounding: ROUNDING,
    simd: hessianSimd(),
    async times(vectors) {
      const numbers = await whole();
      const found: Float64Array[] = [];
      for (const vector of vectors) {
        await pause();
        found.push(multiplied(numbers, vector));
      }
      return found;
    },
    async diagonal() {
      const numbers = await whole();
      return Float64Array.from({ length: size }, (_, at) => numbers[at * (size + 1)]!);
    },
    dispose: () => Promise.resolve(),
  };
}

/** Where sums are kept. */
export interface MatrixKeeping {
  /** Written at the soonest so many milliseconds after the last time. */
  every: number;
  read(lengths: readonly number[]): KeptSums | undefined;
  write(kept: KeptSums): Promise<void>;
  /** The rows from number `first` on, in parts that begin there. */
  rowsFrom(first: number): RowSource;
}

/** What sums the matrix over parts of the rows. */
interface Assembling {
  add(rows: RowPart): Promise<void>;
  sums(): Promise<ShareSums[]>;
  close(): Promise<void>;
}

async function assembled(
  network: DenseNetwork,
  source: RowSource,
  part: HessianPart,
  { workers, signal, onRows }: ProductsOptions,
  keeping: MatrixKeeping | undefined,
): Promise<Float64Array> {
  const products = columnProducts(network, part);
  const begun = keeping?.read(products.map((one) => lengthOfShare(one, { index: 0, of: 1 })));
  const sharesOf = (share: Share): ShareSums | undefined =>
    begun && shareOf(products, begun.sums, share);
  const assembling =
    workers > 1
      ? inThreads(network, part, workers, signal, sharesOf)
      : inThisThread(network, part, signal, sharesOf);
  const running: { rows: RowPart; added: Promise<void> }[] = [];
  let done = begun?.rows ?? 0;
  const waitForFirst = async (): Promise<void> => {
    const { rows, added } = running.shift()!;
    await added;
    done += rows.rows;
    rest.release(rows);
    onRows?.(done, source.rows);
  };
  const rest = begun === undefined ? source : keeping!.rowsFrom(begun.rows);
  const started = performance.now();
  let kept = started;
  try {
    for await (const rows of rest.parts()) {
      throwIfAborted(signal);
      running.push({ rows, added: assembling.add(rows) });
      // No thread waits while the next part is read.
      if (running.length > 2) await waitForFirst();
      if (keeping === undefined || performance.now() - kept < keeping.every) continue;
      while (running.length > 0) await waitForFirst();
      await keeping.write({ rows: done, sums: joinedShares(products, await assembling.sums()) });
      kept = performance.now();
    }
    while (running.length > 0) await waitForFirst();
    const sums = await assembling.sums();
    if (keeping !== undefined && performance.now() - started >= keeping.every) {
      await keeping.write({ rows: done, sums: joinedShares(products, sums) });
    }
    const matrix = matrixOf(network, part, sums, source.rows);
    if (matrix.every(Number.isFinite)) return matrix;
  } finally {
    await Promise.allSettled(running.map(({ added }) => added));
    await assembling.close();
  }
  throw failure(
    "The loss's Hessian has values that are not finite numbers; its eigenvalues need weights and rows that are finite, and not too large.",
  );
}

function inThisThread(
  network: DenseNetwork,
  part: HessianPart,
  signal: AbortSignal | undefined,
  begun: (share: Share) => ShareSums | undefined,
): Assembling {
  const only = { index: 0, of: 1 };
  const own = openMatrixSums(network, part, only, begun(only));
  const pause = createPause(signal);
  let last = Promise.resolve();
  return {
    add(rows) {
      // One after the other: a later call may pause for a shorter time.
      last = last.then(pause).then(() => own.add(rows));
      return last;
    },
    sums: () => Promise.resolve([own.sums()]),
    close: () => Promise.resolve(),
  };
}

/** Each thread has a pool of its own: its share of the sums stays in it. */
function inThreads(
  network: DenseNetwork,
  part: HessianPart,
  workers: number,
  signal: AbortSignal | undefined,
  begun: (share: Share) => ShareSums | undefined,
): Assembling {
  const shares = Array.from({ length: workers }, (_, index) => {
    const share = { index, of: workers };
    const url = new URL("matrix-worker.js", import.meta.url);
    const pool = createWorkerPool<MatrixTask, ShareSums | undefined>(url, 1);
    let last: Promise<unknown> = Promise.resolve();
    let first = begun(share);
    // One after the other: a pool does not promise the order in which its tasks begin.
    const run = (rows: RowPart | undefined): Promise<ShareSums | undefined> => {
      const task = { network, part, share, begun: first, rows };
      first = undefined;
      const result = last.then(() => pool.run(task, signal));
      last = result.catch(() => undefined);
      return result;
    };
    return { pool, run };
  });
  const runAll = async (rows: RowPart | undefined): Promise<(ShareSums | undefined)[]> => {
    const results = await Promise.allSettled(shares.map(({ run }) => run(rows)));
    return results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
  };
  return {
    add: async (rows) => void (await runAll(rows)),
    sums: async () => (await runAll(undefined)) as ShareSums[],
    close: async () => void (await Promise.all(shares.map(({ pool }) => pool.close()))),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** A symmetric matrix times a vector, four rows at a time, from the numbers on and above its diagonal. */
function multiplied(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const product = new Float64Array(size);
  let row = 0;
  for (; row + 4 <= size; row += 4) {
    const a = row * size;
    const [b, c, d] = [a + size, a + 2 * size, a + 3 * size] as const;
    const v = vector[row]!;
    const w = vector[row + 1]!;
    const x = vector[row + 2]!;
    const y = vector[row + 3]!;
    let one = 0;
    let two = 0;
    let three = 0;
    let four = 0;
    for (let at = row; at < row + 4; at++) {
      const value = vector[at]!;
      one += matrix[a + at]! * value;
      two += matrix[b + at]! * value;
      three += matrix[c + at]! * value;
      four += matrix[d + at]! * value;
    }
    for (let at = row + 4; at < size; at++) {
      const value = vector[at]!;
      const p = matrix[a + at]!;
      const q = matrix[b + at]!;
      const r = matrix[c + at]!;
      const s = matrix[d + at]!;
      one += p * value;
      two += q * value;
      three += r * value;
      four += s * value;
      product[at]! += p * v + q * w + r * x + s * y;
    }
    product[row]! += one;
    product[row + 1]! += two;
    product[row + 2]! += three;
    product[row + 3]! += four;
  }
  const rest = row;
  for (; row < size; row++) {
    for (let at = rest; at < size; at++) product[row]! += matrix[row * size + at]! * vector[at]!;
  }
  return product;
}
