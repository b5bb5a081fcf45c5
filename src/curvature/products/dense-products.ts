import { failure, throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { createWorkerPool, type WorkerPool } from "../../common/worker-pool.js";
import type { DenseNetwork } from "../../model/index.js";
import { ROUNDING } from "../eigen/lanczos.js";
import { hessianSimd, openKernelProducts, sizeOf } from "./kernel-products.js";
import type { RowSource } from "./row-source.js";
import type { HessianPart, HessianProducts, ProductTask, RowPart } from "./types.js";

/** Weights times rows of a part: some milliseconds of work. */
const PART_PRODUCTS = 10_000_000;
const PART_ROWS = { least: 256, most: 65_536 };
/** Parts that are added to each other before they are added to the rest. Many machines compute some groups each. */
const GROUP_PARTS = 8;
/** From so many weights times rows a pass on, threads are worth their start. */
const POOLED_PRODUCTS = 100_000_000;

/** How many rows a part has. The sums depend on it, so it depends on the network alone. */
export function partRowsOf(network: DenseNetwork): number {
  const fitting = Math.round(PART_PRODUCTS / sizeOf(network) / 64) * 64;
  return Math.min(PART_ROWS.most, Math.max(PART_ROWS.least, fitting));
}

/** How many rows a group of parts has. */
export function groupRowsOf(network: DenseNetwork): number {
  return GROUP_PARTS * partRowsOf(network);
}

export interface ProductsOptions {
  /** The most threads; for little work the calling thread computes alone. */
  workers: number;
  signal: AbortSignal | undefined;
  /** Called with the rows of the current pass that are done, and all rows of a pass. */
  onRows?: (done: number, total: number) => void;
  /** Threads that compute for one network after the other. Default: threads of its own, which it closes. */
  threads?: ProductThreads;
}

/** Threads for products with the Hessians of several networks, one after the other. */
export type ProductThreads = WorkerPool<ProductTask, Float64Array>;

/** They start with the first product that is worth it. */
export function productThreads(workers: number): ProductThreads {
  return createWorkerPool(new URL("products-worker.js", import.meta.url), workers);
}

/** What computes the products of parts of the rows. */
interface Computing {
  /** Parts that are computed at a time. */
  parallel: number;
  run(rows: RowPart, pass: Pass): Promise<Float64Array>;
  close(): Promise<void>;
}

interface Pass {
  number: number;
  vectors: Float64Array;
  part: HessianPart;
}

let networks = 0;
let passes = 0;

/**
 * Products with the Hessian of a dense network's mean squared error, in float64, by worker threads. Each
 * part of the rows is computed by one thread, parts are added in their order within a group, and groups in their
 * order.
 *
 * @param source the rows; each product is a pass over them
 */
export function denseProducts(
  network: DenseNetwork,
  source: RowSource,
  options: ProductsOptions,
): HessianProducts {
  const size = sizeOf(network);
  const computing = openComputing(network, source, options);
  return {
    size,
    method: "kernel",
    rounding: ROUNDING,
    simd: hessianSimd(),
    async times(vectors, part = "all") {
      const pass = passOf(vectors, size, part);
      const groups = sumsOfGroups(source, computing, pass, options);
      return productsOfGroups(groups, vectors.length, size, source.rows);
    },
    dispose: () => computing.close(),
  };
}

/**
 * The sums over each group of a source's parts, as `productsOfGroups` takes them.
 *
 * @yields a group's sums: for each vector its product, not yet divided by the rows, and the squared errors
 */
export async function* partialProducts(
  network: DenseNetwork,
  source: RowSource,
  vectors: readonly Float64Array[],
  { part, ...options }: ProductsOptions & { part: HessianPart },
): AsyncGenerator<Float64Array, void, void> {
  const computing = openComputing(network, source, options);
  try {
    const pass = passOf(vectors, sizeOf(network), part);
    yield* sumsOfGroups(source, computing, pass, options);
  } finally {
    await computing.close();
  }
}

/**
 * The products with the Hessian of the mean, from the sums over all groups in their order.
 *
 * @throws a failure where they have values that are not finite numbers
 */
export async function productsOfGroups(
  groups: AsyncIterable<Float64Array> | Iterable<Float64Array>,
  count: number,
  size: number,
  rows: number,
): Promise<Float64Array[]> {
  const sums = new Float64Array(count * size + 1);
  for await (const group of groups) addTo(sums, group);
  if (!sums.every(Number.isFinite)) throw notFinite();
  const scale = 2 / rows;
  return Array.from({ length: count }, (_, index) =>
    sums.slice(index * size, (index + 1) * size).map((value) => scale * value),
  );
}

function passOf(vectors: readonly Float64Array[], size: number, part: HessianPart): Pass {
  const shared = new Float64Array(new SharedArrayBuffer(vectors.length * size * 8));
  for (const [index, vector] of vectors.entries()) shared.set(vector, index * size);
  return { number: (passes += 1), vectors: shared, part };
}

function addTo(sums: Float64Array, more: Float64Array): void {
  for (let at = 0; at < sums.length; at++) sums[at]! += more[at]!;
}

/**
 * Adds the products of all parts in the order of the parts, group by group.
 *
 * @yields a group's sums
 */
async function* sumsOfGroups(
  source: RowSource,
  computing: Computing,
  pass: Pass,
  options: Pick<ProductsOptions, "signal" | "onRows">,
): AsyncGenerator<Float64Array, void, void> {
  let group = new Float64Array(pass.vectors.length + 1);
  let inGroup = 0;
  for await (const products of productsOfParts(source, computing, pass, options)) {
    addTo(group, products);
    if (++inGroup < GROUP_PARTS) continue;
    yield group;
    group = new Float64Array(group.length);
    inGroup = 0;
  }
  if (inGroup > 0) yield group;
}

/**
 * Computes all parts, several at a time.
 *
 * @yields the products of a part, in the order of the parts
 */
async function* productsOfParts(
  source: RowSource,
  computing: Computing,
  pass: Pass,
  { signal, onRows }: Pick<ProductsOptions, "signal" | "onRows">,
): AsyncGenerator<Float64Array, void, void> {
  let done = 0;
  const running: Promise<{ part: RowPart; products: Float64Array }>[] = [];
  const first = async (): Promise<Float64Array> => {
    const { part, products } = await running.shift()!;
    done += part.rows;
    source.release(part);
    onRows?.(done, source.rows);
    return products;
  };
  try {
    for await (const part of source.parts()) {
      throwIfAborted(signal);
      running.push(computing.run(part, pass).then((products) => ({ part, products })));
      if (running.length >= computing.parallel) yield await first();
    }
    while (running.length > 0) yield await first();
  } finally {
    await Promise.allSettled(running);
  }
}

/** Starts threads where there is work for them. */
function openComputing(
  network: DenseNetwork,
  source: RowSource,
  { workers, signal, threads }: ProductsOptions,
): Computing {
  // Threads that are there already need no more than parts to compute at a time.
  const isMuch =
    threads === undefined
      ? source.rows * sizeOf(network) >= POOLED_PRODUCTS
      : source.rows > partRowsOf(network);
  if (workers === 1 || !isMuch) return inThisThread(network, signal);
  if (threads !== undefined)
    return { ...inThreads(network, threads, signal), close: async () => {} };
  return inThreads(network, productThreads(workers), signal);
}

function inThisThread(network: DenseNetwork, signal: AbortSignal | undefined): Computing {
  const kernel = openKernelProducts(network);
  const pause = createPause(signal);
  let current = -1;
  return {
    parallel: 1,
    async run(rows, { number, vectors, part }) {
      await pause();
      if (current !== number) {
        current = number;
        kernel.setVectors(vectors);
      }
      return kernel.add(rows, part);
    },
    close: () => Promise.resolve(),
  };
}

function inThreads(
  network: DenseNetwork,
  pool: ProductThreads,
  signal: AbortSignal | undefined,
): Computing {
  const id = (networks += 1);
  const sharedNetwork = inSharedMemory(network);
  return {
    // Two more than there are threads: none waits while the next part is read.
    parallel: pool.threads + 2,
    run: (rows, { number, vectors, part }) =>
      pool.run({ id, network: sharedNetwork, pass: number, vectors, part, rows }, signal),
    close: () => pool.close(),
  };
}

/** The same layers with weights in memory that all threads share, so that tasks need not copy them. */
function inSharedMemory(network: DenseNetwork): DenseNetwork {
  return network.map((layer) => ({
    ...layer,
    weights: sharedCopy(layer.weights),
    ...(layer.bias === undefined ? {} : { bias: sharedCopy(layer.bias) }),
  }));
}

function sharedCopy(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function notFinite(): Error {
  return failure(
    "The loss's Hessian has values that are not finite numbers; its eigenvalues need weights and rows that are finite, and not too large.",
  );
}
