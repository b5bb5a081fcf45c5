// Runs in a worker thread: finds the eigenvalues at both ends of a batch's Hessian.
import { workerTask } from "../../common/worker-task.js";
import type { DenseNetwork } from "../../model/index.js";
import { extremeEigenpairs } from "../eigen/lanczos.js";
import { denseProducts, partRowsOf } from "../products/dense-products.js";
import { rowsInMemory } from "../products/row-source.js";
import type { HessianPart, RowPart } from "../products/types.js";
import type { BatchEigenvalues } from "./types.js";

/** A batch, and when its iteration ends. */
export interface BatchTask {
  batch: number;
  network: DenseNetwork;
  rows: RowPart;
  start: Float64Array;
  part: HessianPart;
  tolerance: number;
  products: number;
  memory: number;
}

/** The least and the largest eigenvalue. */
export async function endsOfBatch(task: BatchTask): Promise<BatchEigenvalues> {
  const { batch, network, rows, start, part, tolerance, products: most, memory } = task;
  const source = rowsInMemory(rows, partRowsOf(network));
  const products = denseProducts(network, source, { workers: 1, signal: undefined });
  const found = await extremeEigenpairs((vectors) => products.times(vectors, part), start, {
    least: 1,
    largest: 1,
    tolerance,
    products: most,
    memory,
  });
  const [least, largest] = [found.least[0]!, found.largest[0]!];
  return {
    batch,
    least: least.value,
    leastResidual: least.residual,
    largest: largest.value,
    largestResidual: largest.residual,
  };
}

const runBatchTask: (task: BatchTask) => Promise<BatchEigenvalues> = workerTask(endsOfBatch);

export default runBatchTask;
