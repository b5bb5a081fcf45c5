import path from "node:path";
import { usageError } from "../common/errors.js";
import { RANDOM_ROWS, randomNetwork } from "../landscape/index.js";
import { isDense } from "../model/index.js";
import type { DenseNetwork } from "../model/index.js";
import { batchEigenvalues } from "./batches/batch-eigenvalues.js";
import type { BatchEigenvalues } from "./batches/types.js";
import { kinksAlong, kinksOfGroups } from "./certificate/line-kinks.js";
import { PIECE_ROWS } from "./certificate/line-pieces.js";
import { hasPieces } from "./certificate/row/line-network.js";
import type { ExtremeEigenpairs } from "./eigen/lanczos.js";
import { numberedParts, rowSource } from "./products/row-source.js";
import { appendToJournal, BATCHES_FILE, openBatchJournal } from "./store/batch-journal.js";
import type { CurvatureJob } from "./job.js";
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
  const journal = path.join(partial, BATCHES_FILE);
  const found = await openBatchJournal(journal);
  const values = batchEigenvalues({
    network,
    start: vectorOf(randomNetwork(network, seed, RANDOM_ROWS.first)),
    part,
    tolerance,
    products,
    memory: memory / 4 / workers,
    dataset,
    batches: batches.slice(found.length),
    batchSize,
    workers,
    signal: options.signal,
  });
  for await (const one of values) {
    await appendToJournal(journal, one);
    found.push(one);
    options.onProgress?.({
      phase: "eigenvalues of batches",
      done: found.length,
      total: batches.length,
      unit: "batches",
    });
  }
  return found;
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
    const selection = { dataset, batches, batchSize, partRows: PIECE_ROWS, memory: 0, signal };
    const source = rowSource(selection);
    const line = { centre: network, direction: shapedAs(network, vectors[at]!), radius };
    const groups = kinksAlong(line, numberedParts(source), (part) => source.release(part), {
      workers,
      rows: source.rows,
      signal,
      onRows: (done) =>
        options.onProgress?.({
          phase: `kinks along eigenvector ${direction}`,
          done,
          total: source.rows,
          unit: "rows",
        }),
    });
    found.push({ direction, radius, ...(await kinksOfGroups(radius, groups)) });
  }
  return found;
}

/** Checks what `perBatch` and `kinks` need of a model. */
export function checkMore({
  run,
  network,
  settings,
}: Pick<CurvatureJob, "run" | "network" | "settings">): void {
  if (settings.perBatch && !isDense(network)) {
    throw usageError(
      (option) => `${option("perBatch")} needs a model of dense layers, which ${run.dir} is not.`,
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
