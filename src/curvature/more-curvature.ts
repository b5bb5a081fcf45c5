import path from "node:path";
import { usageError } from "../common/errors.js";
import { RANDOM_ROWS, randomNetwork, readSnapshot } from "../landscape/index.js";
import { isDense } from "../model/index.js";
import type { DenseNetwork, Network } from "../model/index.js";
import { snapshotSteps } from "../train/index.js";
import { batchEigenvalues } from "./batches/batch-eigenvalues.js";
import type { BatchEigenvalues } from "./batches/types.js";
import { kinksAlong, kinksOfGroups } from "./certificate/line-kinks.js";
import { PIECE_ROWS } from "./certificate/line-pieces.js";
import { hasPieces } from "./certificate/row/line-network.js";
import type { ExtremeEigenpairs } from "./eigen/lanczos.js";
import { numberedParts, rowSource, type RowSelection } from "./products/row-source.js";
import { openBatchJournal, openSnapshotJournal } from "./store/journals.js";
import type { CurvatureJob } from "./job.js";
import { hashOf } from "./plan.js";
import { autodiffPartRows, autodiffProducts } from "./products/autodiff-products.js";
import { denseProducts, partRowsOf, productThreads } from "./products/dense-products.js";
import type { HessianProducts } from "./products/types.js";
import { pathSharpness } from "./sharpness/path-sharpness.js";
import { learningRateAfter, stabilityLimit } from "./sharpness/stability-limit.js";
import type { SnapshotSharpness } from "./sharpness/types.js";
import type { BatchRanges, EigenvectorKinks } from "./types.js";
import { shapedAs, vectorOf } from "./vectors.js";

/* What a curvature has besides the eigenvalues of all rows, if it is asked for. */

/**
 * The eigenvalues of each batch's Hessian.
 *
 * @param partial the folder of the result that is not complete: batches that are done are kept in it
 */
export async function perBatch(job: CurvatureJob, partial: string): Promise<BatchEigenvalues[]> {
  const { dataset, settings, options } = job;
  const network = denseOf(job);
  const { seed, batches, batchSize, part, tolerance, products, workers, memory } = settings;
  const journal = await openBatchJournal(path.join(partial, "batches.jsonl"));
  const values = batchEigenvalues({
    network,
    start: vectorOf(randomNetwork(network, seed, RANDOM_ROWS.first)),
    part,
    tolerance,
    products,
    memory: memory / 4 / workers,
    dataset,
    batches: batches.slice(journal.lines.length),
    batchSize,
    workers,
    signal: options.signal,
  });
  for await (const one of values) {
    await journal.append(one);
    options.onProgress?.({
      phase: "eigenvalues of batches",
      done: journal.lines.length,
      total: batches.length,
      unit: "batches",
    });
  }
  return [...journal.lines];
}

/**
 * The largest eigenvalue at each snapshot of the run's path.
 *
 * @param partial the folder of the result that is not complete: snapshots that are done are kept in it
 */
export async function alongPath(job: CurvatureJob, partial: string): Promise<SnapshotSharpness[]> {
  const { run, network, settings, options } = job;
  const { seed, part, tolerance, products, memory } = settings;
  const steps = await snapshotSteps(run);
  const journal = await openSnapshotJournal(path.join(partial, "path.jsonl"));
  const known = new Map(journal.lines.map((line) => [line.step, line]));
  const models = new Map<number, string>();

  async function* missing(): AsyncGenerator<{ step: number; network: Network }, void, void> {
    for (const step of steps) {
      const snapshot = await readSnapshot(run, step, network);
      const model = hashOf(snapshot);
      if (known.get(step)?.model === model) continue;
      models.set(step, model);
      yield { step, network: snapshot };
    }
  }

  const opening = await openSnapshotProducts(job);
  try {
    const found = pathSharpness({
      snapshots: missing(),
      open: opening.open,
      start: vectorOf(randomNetwork(network, seed, RANDOM_ROWS.first)),
      part,
      tolerance,
      products,
      memory: memory / 4,
    });
    for await (const one of found) {
      const line = { ...one, model: models.get(one.step)! };
      await journal.append(line);
      known.set(one.step, line);
      options.onProgress?.({
        phase: "largest eigenvalues along the path",
        done: known.size,
        total: steps.length,
        unit: "snapshots",
      });
    }
  } finally {
    await opening.close();
  }
  const history = await run.history();
  const { options: trained } = run.record;
  return steps.map((step) => {
    const { largest, residual } = known.get(step)!;
    const rate = learningRateAfter(history, step, trained.learningRate);
    return { step, largest, residual, limit: stabilityLimit(trained, rate) ?? null };
  });
}

/** Products with the Hessian at one snapshot after the other, over the same rows and by the same threads. */
async function openSnapshotProducts({
  network,
  dataset,
  settings,
  options,
}: CurvatureJob): Promise<{
  open(snapshot: Network): Promise<HessianProducts>;
  close(): Promise<void>;
}> {
  const { batches, batchSize, workers, memory } = settings;
  const { signal } = options;
  const partRows = isDense(network) ? partRowsOf(network) : await autodiffPartRows(network);
  const selection = { dataset, batches, batchSize, partRows, memory: memory / 2, signal };
  const source = rowSource(selection);
  const threads = productThreads(workers);
  const limits = { workers, signal, threads };
  return {
    open: async (snapshot) =>
      isDense(snapshot)
        ? denseProducts(snapshot, source, limits)
        : autodiffProducts(snapshot, source, limits),
    close: () => threads.close(),
  };
}

/** The range of the least and of the largest eigenvalues over batches. */
export function rangesOf(batches: readonly BatchEigenvalues[]): BatchRanges {
  const range = (name: "least" | "largest"): [number, number] => [
    batches.reduce((low, batch) => Math.min(low, batch[name]), Infinity),
    batches.reduce((high, batch) => Math.max(high, batch[name]), -Infinity),
  ];
  return { least: range("least"), largest: range("largest") };
}

/** Along which eigenvectors kinks are counted: the least eigenvalue's and the largest's. */
export const KINK_DIRECTIONS = [1, -1] as const;

/** These eigenvectors. */
export function kinkVectors({ least, largest }: ExtremeEigenpairs): Float64Array[] {
  return [least[0]!.vector, largest[0]!.vector];
}

/**
 * What kinks add along a direction, in groups of rows, as `kinksOfGroups` takes it.
 *
 * @param selection which rows
 */
export function kinkGroups(
  network: DenseNetwork,
  vector: Float64Array,
  radius: number,
  selection: Omit<RowSelection, "partRows" | "memory">,
  { workers, onRows }: { workers: number; onRows: (done: number, rows: number) => void },
): AsyncGenerator<number[], void, void> {
  const source = rowSource({ ...selection, partRows: PIECE_ROWS, memory: 0 });
  const { rows } = source;
  const line = { centre: network, direction: shapedAs(network, vector), radius };
  return kinksAlong(line, numberedParts(source), (part) => source.release(part), {
    workers,
    rows,
    signal: selection.signal,
    onRows: (done) => onRows(done, rows),
  });
}

/** What kinks add along the eigenvectors of the least and of the largest eigenvalue. */
export async function kinksOf(
  job: CurvatureJob,
  pairs: ExtremeEigenpairs,
  radius: number,
): Promise<EigenvectorKinks[]> {
  const { dataset, settings, options } = job;
  const { batches, batchSize, workers } = settings;
  const { signal } = options;
  const network = denseOf(job);
  const vectors = kinkVectors(pairs);
  const found: EigenvectorKinks[] = [];
  for (const [at, direction] of KINK_DIRECTIONS.entries()) {
    const selection = { dataset, batches, batchSize, signal };
    const phase = `kinks along eigenvector ${direction}`;
    const onRows = (done: number, total: number): void =>
      options.onProgress?.({ phase, done, total, unit: "rows" });
    const groups = kinkGroups(network, vectors[at]!, radius, selection, { workers, onRows });
    found.push({ direction, radius, ...(await kinksOfGroups(radius, groups)) });
  }
  return found;
}

/** Checks what `perBatch`, `kinks` and `alongPath` need of a run. */
export async function checkMore({
  run,
  network,
  settings,
}: Pick<CurvatureJob, "run" | "network" | "settings">): Promise<void> {
  if (settings.perBatch && !isDense(network)) {
    throw usageError(
      (option) => `${option("perBatch")} needs a model of dense layers, which ${run.dir} is not.`,
    );
  }
  if (settings.alongPath && (await snapshotSteps(run)).length === 0) {
    throw usageError(
      (option) =>
        `${option("alongPath")} needs snapshots of the training's path (path/step-N), which ${run.dir} does not have: train it again.`,
    );
  }
  if (settings.kinks !== undefined && !(isDense(network) && hasPieces(network))) {
    throw usageError(
      (option) =>
        `${option("kinks")} needs ReLU units in one or two hidden layers, which the model of ${run.dir} does not have.`,
    );
  }
}

/** The network of a job that was checked. */
function denseOf({ network }: CurvatureJob): DenseNetwork {
  if (!isDense(network)) throw new Error("The model is not one of dense layers");
  return network;
}
