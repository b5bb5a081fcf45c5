import { failure } from "../common/errors.js";
import { pickOptions } from "../common/options/options.js";
import { cacheOptions } from "../storage/options.js";
import type { CacheOptions } from "../stream/index.js";
import { isDense } from "../model/index.js";
import type { DenseNetwork, Network } from "../model/index.js";
import { datasetOfRun, RANDOM_ROWS, randomNetwork } from "../landscape/index.js";
import { openRun, rowsOfRun } from "../train/index.js";
import type { RunRows } from "../train/index.js";
import { batchEigenvalues } from "./batches/batch-eigenvalues.js";
import type { BatchEigenvalues } from "./batches/types.js";
import { KINK_GROUP_ROWS, kinksOfGroups } from "./certificate/line-kinks.js";
import { curvatureFrom, openJob, solve } from "./curvature.js";
import type { CurvatureJob } from "./job.js";
import { KINK_DIRECTIONS, kinkGroups, kinkVectors } from "./more-curvature.js";
import { openProducts } from "./open-products.js";
import { curvaturePlan, hashOf, keepPlan } from "./plan.js";
import {
  groupRowsOf,
  partialProducts,
  partRowsOf,
  productsOfGroups,
} from "./products/dense-products.js";
import { sizeOf } from "./products/kernel-products.js";
import { rowsOfBatches, rowSource } from "./products/row-source.js";
import type { HessianPart } from "./products/types.js";
import type { CurvatureOptions, CurvatureResult } from "./types.js";
import { vectorOf } from "./vectors.js";

/*
 * A curvature whose passes over the rows are divided among machines. The iteration is deterministic: it is repeated
 * with the products of a log, which takes next to no time, up to the first product that the log does not have. That
 * product is then computed on many machines, each over some groups of rows, and added to the log.
 */

/** A pass over the rows that the iteration needs next. */
export interface NeededPass {
  /** How many products are there already. */
  before: number;
  vectors: readonly Float64Array[];
  /** Groups of rows whose sums are added in their order. */
  groups: number;
  /** Numbers of a vector. */
  size: number;
  rows: number;
}

/** What the tasks of a divided curvature have in common. */
export interface DividedJob {
  /** The numbers of the batches, ascending. */
  batches: readonly number[];
  batchSize: number;
  part: HessianPart;
  perBatch: boolean;
  kinks: number | undefined;
  dataset: { path: string; fingerprint: string };
  /** The SHA-256 of the run's weights. */
  model: string;
}

/** What is to be found along eigenvectors, once all products are there. */
export interface NeededKinks {
  radius: number;
  vectors: readonly Float64Array[];
  /** Groups of rows whose sums are added in their order. */
  groups: number;
  size: number;
}

/** Thrown by a pass that has not been computed. */
class Needed {
  readonly pass: NeededPass;
  constructor(pass: NeededPass) {
    this.pass = pass;
  }
}

/**
 * Repeats the iteration of a curvature as far as its passes have been computed.
 *
 * @param folder keeps the products
 * @param compute gives the sums over each group of a pass, or undefined where it has not been computed yet
 * @returns the pass that is needed next; where there is none, the kinks that are asked for
 */
export async function nextPass(
  run: string,
  options: CurvatureOptions,
  folder: string,
  compute: (pass: NeededPass, job: DividedJob) => Promise<AsyncIterable<Float64Array> | undefined>,
): Promise<{ job: DividedJob; pass?: NeededPass; kinks?: NeededKinks }> {
  const job = await openJob(run, options);
  const network = denseOf(job.network, job.run.dir);
  const { batches, batchSize, part, perBatch, kinks } = job.settings;
  const { path, fingerprint } = job.dataset;
  const model = hashOf(network);
  const is = { batches, batchSize, part, perBatch, kinks };
  const divided = { ...is, dataset: { path, fingerprint }, model };
  await keepDividedPlan(job, folder);
  const rows = rowsOfBatches({ dataset: job.dataset, batches, batchSize });
  const products = await openProducts(job, folder, async (vectors, before) => {
    const size = sizeOf(network);
    const groups = Math.ceil(rows / groupRowsOf(network));
    const pass = { before, vectors, groups, size, rows };
    const sums = await compute(pass, divided);
    if (sums === undefined) throw new Needed(pass);
    return productsOfGroups(sums, vectors.length, size, rows);
  });
  try {
    const { found } = await solve(job, products);
    if (kinks === undefined) return { job: divided };
    const groups = Math.ceil(rows / KINK_GROUP_ROWS);
    const vectors = kinkVectors(found);
    return { job: divided, kinks: { radius: kinks, vectors, groups, size: sizeOf(network) } };
  } catch (error) {
    if (error instanceof Needed) return { job: divided, pass: error.pass };
    throw error;
  } finally {
    await products.close();
  }
}

/**
 * Writes the result of a curvature whose passes have all been computed.
 *
 * @param folder that of `nextPass`
 * @param more the eigenvalues of each batch, and what groups of rows add along each eigenvector, as they were asked for
 * @throws a failure where a pass is missing
 */
export function finishCurvature(
  run: string,
  options: CurvatureOptions,
  folder: string,
  more: { batches: readonly BatchEigenvalues[]; kinks: readonly (readonly number[][])[] },
): Promise<CurvatureResult> {
  return curvatureFrom(run, options, {
    async open(job) {
      await keepDividedPlan(job, folder);
      return openProducts(job, folder, () => {
        throw failure(
          `${folder} lacks products of the iteration: plan the curvature again, and run the tasks, until there are none.`,
        );
      });
    },
    perBatch: () => Promise.resolve([...more.batches]),
    kinks: (_job, _found, radius) =>
      Promise.all(
        KINK_DIRECTIONS.map(async (direction, at) => ({
          direction,
          radius,
          ...(await kinksOfGroups(radius, more.kinks[at] ?? [])),
        })),
      ),
  });
}

function keepDividedPlan(
  { network, dataset, settings }: CurvatureJob,
  folder: string,
): Promise<void> {
  const plan = curvaturePlan(network, dataset.fingerprint, settings);
  return keepPlan(
    folder,
    plan,
    folder,
    "curvature",
    (option) => `name another folder with ${option("parts")}`,
  );
}

/** Rows on one of many machines. */
export interface DividedRows extends CacheOptions {
  run: string;
  dataset: string;
  batches: readonly number[];
  batchSize: number;
  part: HessianPart;
  /** The SHA-256 of the weights that the plan is of. */
  model: string;
  workers: number;
  signal?: AbortSignal | undefined;
  onRows?: ((done: number, total: number) => void) | undefined;
}

/**
 * The sums of a pass over each of some groups of rows that follow each other.
 *
 * @param groups the first, and how many
 */
export async function groupSums(
  rows: DividedRows,
  vectors: readonly Float64Array[],
  groups: { first: number; count: number },
): Promise<{ sums: Float64Array[]; rows: number; fingerprint: string }> {
  const { batches, batchSize, part, workers, signal, onRows } = rows;
  const { network, dataset } = await openRows(rows);
  const all = rowsOfBatches({ dataset, batches, batchSize });
  const first = groups.first * groupRowsOf(network);
  const count = Math.min(all - first, groups.count * groupRowsOf(network));
  const range = { first, rows: count };
  const partRows = partRowsOf(network);
  const selection = { dataset, batches, batchSize, partRows, memory: 0, signal, range };
  const source = rowSource(selection);
  const sums: Float64Array[] = [];
  const options = { part, workers, signal, ...(onRows && { onRows }) };
  for await (const group of partialProducts(network, source, vectors, options)) sums.push(group);
  return { sums, rows: count, fingerprint: dataset.fingerprint };
}

/**
 * What each of some groups of rows adds along some directions.
 *
 * @param groups the first, and how many
 * @returns for each direction the numbers of each group, as `kinksOfGroups` takes them
 */
export async function kinkSums(
  rows: DividedRows,
  { vectors, radius }: Pick<NeededKinks, "vectors" | "radius">,
  groups: { first: number; count: number },
): Promise<{ sums: number[][][]; rows: number; fingerprint: string }> {
  const { batches, batchSize, workers, signal, onRows } = rows;
  const { network, dataset } = await openRows(rows);
  const all = rowsOfBatches({ dataset, batches, batchSize });
  const first = groups.first * KINK_GROUP_ROWS;
  const count = Math.min(all - first, groups.count * KINK_GROUP_ROWS);
  const selection = { dataset, batches, batchSize, signal, range: { first, rows: count } };
  const sums: number[][][] = [];
  for (const vector of vectors) {
    const before = sums.length * count;
    const along = kinkGroups(network, vector, radius, selection, {
      workers,
      onRows: (done) => onRows?.(before + done, vectors.length * count),
    });
    const found: number[][] = [];
    for await (const group of along) found.push(group);
    sums.push(found);
  }
  return { sums, rows: count, fingerprint: dataset.fingerprint };
}

/** The eigenvalues of each of some batches. */
export async function eigenvaluesOfBatches(
  rows: DividedRows,
  iteration: { seed: number; tolerance: number; products: number; memory: number },
): Promise<{ found: BatchEigenvalues[]; rows: number; fingerprint: string }> {
  const { batches, batchSize, part, workers, signal, onRows } = rows;
  const { network, dataset } = await openRows(rows);
  const { seed, memory, ...limits } = iteration;
  const found: BatchEigenvalues[] = [];
  const start = vectorOf(randomNetwork(network, seed, RANDOM_ROWS.first));
  const common = { network, start, part, ...limits, memory: memory / 4 / workers };
  const all = rowsOfBatches({ dataset, batches, batchSize });
  const input = { ...common, dataset, batches, batchSize, workers, signal };
  for await (const one of batchEigenvalues(input)) {
    found.push(one);
    onRows?.(Math.min(all, found.length * batchSize), all);
  }
  return { found, rows: all, fingerprint: dataset.fingerprint };
}

async function openRows({
  run: dir,
  dataset: source,
  model,
  ...machine
}: DividedRows): Promise<{ network: DenseNetwork; dataset: RunRows }> {
  const run = await openRun(dir);
  const cache = pickOptions(cacheOptions, machine);
  const dataset = rowsOfRun(run, await datasetOfRun(run, source, cache));
  const network = denseOf(await run.weights(), dir);
  if (hashOf(network) === model) return { network, dataset };
  throw failure(
    `The model of ${dir} is not the one that the tasks were planned for: plan them again.`,
  );
}

function denseOf(network: Network, dir: string): DenseNetwork {
  if (isDense(network)) return network;
  throw failure(
    `Tasks of a curvature need a model of dense layers, which that of ${dir} is not; use vadi curvature.`,
  );
}
