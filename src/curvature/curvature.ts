import { mkdir } from "node:fs/promises";
import path from "node:path";
import { interruption, throwIfAborted, usageError } from "../common/errors.js";
import { writeFileAtomic } from "../files/atomic.js";
import { outputError } from "../files/output-folder.js";
import type { PartialOutput } from "../files/partial-output.js";
import {
  checkFeatures,
  checkFinite,
  datasetOfRun,
  RANDOM_ROWS,
  randomNetwork,
} from "../landscape/index.js";
import { saveNetwork } from "../model/index.js";
import type { Network } from "../model/index.js";
import { openRun, rowsOfRun } from "../train/index.js";
import type { Run } from "../train/index.js";
import type { BatchEigenvalues } from "./batches/types.js";
import { extremeEigenpairs, type Eigenpair, type ExtremeEigenpairs } from "./eigen/lanczos.js";
import { densityOf, integrate, meanOf, quadratureRules } from "./eigen/quadrature.js";
import type { QuadratureRule } from "./eigen/quadrature.js";
import { curvaturePlan, differenceOf, keepPlan } from "./plan.js";
import { openProducts, type LoggedProducts } from "./open-products.js";
import { curvatureSettings } from "./resolve-options.js";
import { stabilityFormula } from "./sharpness/stability-limit.js";
import { summaryOfPath } from "./sharpness/summary.js";
import { openCurvature } from "./store/open.js";
import { openCurvatureOutput } from "./store/output.js";
import { CURVATURE_FILE } from "./store/record.js";
import type { CurvatureJob } from "./job.js";
import { alongPath, checkMore, kinksOf, perBatch, rangesOf } from "./more-curvature.js";
import { writeBatches, writeDensity, writeEigenpairs, writePath } from "./store/tables.js";
import type {
  CurvatureOptions,
  CurvatureRecord,
  CurvatureResult,
  EigenvectorKinks,
  Estimate,
  HessianEigenvalue,
  NegativeEigenvalues,
} from "./types.js";
import { shapedAs, vectorOf } from "./vectors.js";

/** The rows of the random stream of directions at which the probes begin: 1000 for each. */
const PROBE_ROWS = 10_000;
/** Products with each probe for a density. */
const DENSITY_STEPS = 80;

/**
 * The eigenvalues at both ends of the spectrum of the Hessian of a run's mean squared error over the
 * selected batches, each with its residual, and the eigenvectors as directions for landscapes. The whole
 * Hessian of a small ReLU network is assembled in one pass over the rows; otherwise each product with a vector
 * is a pass, and as many rows as half the memory holds are read once. Until it is complete, the folder keeps every product, so that `resume` can continue after an
 * interruption or a kill.
 *
 * @param run a run, or its folder
 * @returns the result, as read back from its folder
 * @throws a usage error for wrong options, batches that the dataset does not have, or a folder that
 *   holds something else; a failure where run, dataset and model do not fit each other or files cannot be
 *   read or written; an interruption once `signal` is aborted
 */
export function curvature(
  run: Run | string,
  options: CurvatureOptions = {},
): Promise<CurvatureResult> {
  return curvatureFrom(run, options, { open: openProducts, perBatch, kinks: kinksOf });
}

/** Where the parts of a result come from. */
export interface CurvatureParts {
  open(job: CurvatureJob, partial: string): Promise<LoggedProducts>;
  perBatch(job: CurvatureJob, partial: string): Promise<BatchEigenvalues[]>;
  kinks(job: CurvatureJob, found: ExtremeEigenpairs, radius: number): Promise<EigenvectorKinks[]>;
}

/** As `curvature`, from products that may have been computed elsewhere. */
export async function curvatureFrom(
  run: Run | string,
  options: CurvatureOptions,
  parts: CurvatureParts,
): Promise<CurvatureResult> {
  const job = await openJob(run, options);
  throwIfAborted(options.signal);
  const { force = false, resume = false } = options;
  const output = await openCurvatureOutput(job.settings.out, { force, resume });
  if (output.action === "complete") {
    output.keep();
    return finishedAs(job);
  }
  let products: LoggedProducts | undefined;
  try {
    await keepPlan(output.partial, job.plan, job.settings.out);
    products = await parts.open(job, output.partial);
    await compute(job, output, products, parts);
    await products.close();
    await output.commit();
  } catch (error) {
    await products?.close();
    const { logged = 0, summed = 0, rows = 0 } = products ?? {};
    if (logged > 0 || summed > 0 || output.action === "resume") output.keep();
    else await output.discard();
    if (!options.signal?.aborted)
      throw outputError(job.settings.out, { name: "a curvature" }, error);
    throw interruption((option) =>
      logged === 0 && summed === 0
        ? "The curvature was interrupted, and nothing of it is kept; the same command starts it again."
        : `The curvature was interrupted after ${logged === 0 ? `${summed} of ${rows} rows of the Hessian` : `${logged} products`}; the same command with ${option("resume")} continues it.`,
    );
  }
  return openCurvature(job.settings.out);
}

/** Opens all that a curvature is computed from, and checks that it fits. */
export async function openJob(
  given: Run | string,
  options: CurvatureOptions,
): Promise<CurvatureJob> {
  const run = typeof given === "string" ? await openRun(given) : given;
  const dataset = rowsOfRun(run, await datasetOfRun(run, options.dataset, options));
  const settings = curvatureSettings(run, dataset.rows, options);
  const network = await run.weights();
  checkFeatures(run, network, dataset);
  checkFinite(run, network);
  await checkMore({ run, network, settings });
  const plan = curvaturePlan(network, dataset.fingerprint, settings);
  return { run, network, dataset, settings, plan, options };
}

/** What products with the Hessian give. */
interface Solution {
  found: ExtremeEigenpairs;
  trace: Estimate;
  rules: QuadratureRule[];
}

/** The eigenpairs, the trace, and the quadrature rules of the probes for a density. */
export async function solve(
  { network, settings }: CurvatureJob,
  products: LoggedProducts,
): Promise<Solution> {
  const { seed, vectors, tolerance, density, probes, memory } = settings;
  const many = Math.min(vectors, products.size);
  const found = await extremeEigenpairs(
    products.times,
    vectorOf(randomNetwork(network, seed, RANDOM_ROWS.first)),
    {
      least: many,
      largest: many,
      tolerance,
      products: settings.products,
      memory: memory / 4,
      rounding: products.rounding,
      fast: products.method === "matrix",
    },
  );
  const trace = await products.trace();
  if (trace !== undefined && !density) {
    return { found, trace: { estimate: trace, standardError: 0 }, rules: [] };
  }
  // The probes' bases take another quarter of the memory.
  const steps = density ? Math.floor(memory / 4 / (8 * products.size * probes)) : 1;
  const rules = await quadratureRules(
    products.times,
    Array.from({ length: probes }, (_, at) => probeOf(network, seed, at)),
    Math.max(density ? 2 : 1, Math.min(DENSITY_STEPS, steps)),
  );
  const estimated = meanOf(rules.map(({ mean }) => products.size * mean));
  return {
    found,
    trace: trace === undefined ? estimated : { estimate: trace, standardError: 0 },
    rules,
  };
}

/** Computes what is missing, and writes the files of the result. */
async function compute(
  job: CurvatureJob,
  output: PartialOutput,
  products: LoggedProducts,
  parts: CurvatureParts,
): Promise<void> {
  const { network, settings, options } = job;
  const { density } = settings;
  const started = performance.now();
  const solution = await solve(job, products);
  const { found, rules } = solution;
  await mkdir(output.result, { recursive: true });
  const pairs = { least: found.least.map(eigenvalueOf), largest: found.largest.map(eigenvalueOf) };
  await writeEigenpairs(path.join(output.result, "eigenpairs.parquet"), pairs);
  if (density) await writeDensity(path.join(output.result, "density.parquet"), densityOf(rules));
  await saveDirections(path.join(output.result, "directions"), network, found);
  const batches = settings.perBatch ? await parts.perBatch(job, output.partial) : undefined;
  if (batches !== undefined) {
    await writeBatches(path.join(output.result, "batches.parquet"), batches);
  }
  const snapshots = settings.alongPath ? await alongPath(job, output.partial) : undefined;
  if (snapshots !== undefined) await writePath(path.join(output.result, "path.parquet"), snapshots);
  const kinks = settings.kinks === undefined ? null : await parts.kinks(job, found, settings.kinks);
  const seconds = (performance.now() - started) / 1000;
  const record = {
    ...recordOf(job, products, solution, seconds),
    kinks,
    perBatch: batches === undefined ? null : rangesOf(batches),
    alongPath:
      snapshots === undefined
        ? null
        : summaryOfPath(snapshots, stabilityFormula(job.run.record.options), settings.tolerance),
  };
  const file = path.join(output.result, CURVATURE_FILE);
  await writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`);
  throwIfAborted(options.signal);
}

/** A random vector of ±1. */
function probeOf(network: Network, seed: number, index: number): Float64Array {
  const normals = vectorOf(randomNetwork(network, seed, PROBE_ROWS + 1000 * index));
  return normals.map((value) => (value < 0 ? -1 : 1));
}

/** Writes directions/1, directions/2, … of the least eigenvalues, and directions/-1, … of the largest. */
async function saveDirections(
  folder: string,
  network: Network,
  { least, largest }: ExtremeEigenpairs,
): Promise<void> {
  for (const [pairs, sign] of [
    [least, 1],
    [largest, -1],
  ] as const) {
    for (const [at, { vector }] of pairs.entries()) {
      await saveNetwork(path.join(folder, String(sign * (at + 1))), shapedAs(network, vector));
    }
  }
}

function recordOf(
  { run, dataset, settings }: CurvatureJob,
  products: LoggedProducts,
  { found, trace, rules }: Solution,
  seconds: number,
): Omit<CurvatureRecord, "kinks" | "perBatch" | "alongPath"> {
  const { size, rows, method, simd } = products;
  const { batchSize, part, vectors, tolerance, seed, probes, command } = settings;
  return {
    formatVersion: 1,
    run: run.dir,
    dataset: { path: dataset.path, fingerprint: dataset.fingerprint },
    standardized: (run.record.standardize?.target ?? null) !== null,
    part,
    batchSize,
    batches: settings.allBatches ? null : settings.batches,
    rows,
    parameters: size,
    vectors,
    tolerance,
    seed,
    probes,
    least: found.least.map(eigenvalueOf),
    largest: found.largest.map(eigenvalueOf),
    trace,
    negative: settings.density ? negativeOf(rules, found, products) : null,
    products: products.count,
    passes: products.passes,
    method,
    simd,
    directions: [
      ...found.least.map((_, at) => `directions/${at + 1}`),
      ...found.largest.map((_, at) => `directions/${-at - 1}`),
    ],
    command,
    seconds,
  };
}

function eigenvalueOf({ value, residual, converged }: Eigenpair): HessianEigenvalue {
  return { eigenvalue: value, residual, converged };
}

/** Nodes of a quadrature are less exact than products by this factor. */
const OF_NODES = 1000;

/** Eigenvalues that rounding alone may have put below 0 do not count. */
function negativeOf(
  rules: readonly QuadratureRule[],
  { ends }: ExtremeEigenpairs,
  { size, rounding }: Pick<LoggedProducts, "size" | "rounding">,
): NegativeEigenvalues {
  const zero = -OF_NODES * rounding * Math.max(Math.abs(ends.least), Math.abs(ends.largest));
  const below = (f: (value: number) => number) =>
    meanOf(rules.map((rule) => size * integrate(rule, (value) => (value < zero ? f(value) : 0))));
  return { count: below(() => 1), sum: below((value) => value) };
}

/** A complete result that `resume` finds, if it was computed with the same options. */
async function finishedAs({ settings, dataset }: CurvatureJob): Promise<CurvatureResult> {
  const found = await openCurvature(settings.out);
  const { record } = found;
  const is = {
    ...record,
    dataset: record.dataset.fingerprint,
    density: record.negative !== null,
    perBatch: record.perBatch !== null,
    alongPath: record.alongPath !== null,
    kinks: record.kinks?.[0]?.radius ?? null,
  };
  const { batchSize, vectors, tolerance, part, density, seed, perBatch: each } = settings;
  const differing = differenceOf(is, {
    dataset: dataset.fingerprint,
    batchSize,
    batches: settings.allBatches ? null : settings.batches,
    vectors,
    tolerance,
    part,
    density,
    perBatch: each,
    alongPath: settings.alongPath,
    kinks: settings.kinks ?? null,
    seed,
  });
  if (differing === undefined) return found;
  throw usageError(
    (option) =>
      `${settings.out} already holds a curvature of another ${option(differing)}; choose another folder with ${option("out")}, or replace it with ${option("force")}.`,
  );
}
