import { throwIfAborted } from "../../common/errors.js";
import { createWorkerPool } from "../../common/worker-pool.js";
import { readBatches } from "../../landscape/index.js";
import type { RunRows } from "../../train/index.js";
import type { BatchTask } from "./batch-worker.js";
import type { BatchEigenvalues } from "./types.js";

/** Which batches, and how their eigenvalues are found. */
export interface BatchesInput extends Omit<BatchTask, "batch" | "rows"> {
  dataset: RunRows;
  /** Their numbers, ascending. */
  batches: readonly number[];
  batchSize: number;
  workers: number;
  signal: AbortSignal | undefined;
}

/**
 * Finds the least and the largest eigenvalue of each batch's Hessian, several batches at a time, each in one
 * thread.
 *
 * @yields them in the order of the batches
 */
export async function* batchEigenvalues(
  input: BatchesInput,
): AsyncGenerator<BatchEigenvalues, void, void> {
  const { dataset, batches, batchSize, workers, signal, ...common } = input;
  const pool = createWorkerPool<BatchTask, BatchEigenvalues>(
    new URL("batch-worker.js", import.meta.url),
    Math.min(workers, batches.length),
  );
  const running: Promise<BatchEigenvalues>[] = [];
  try {
    for await (const { x, y, rows, index } of readBatches(dataset, batches, batchSize, signal)) {
      throwIfAborted(signal);
      // The batch's arrays are used again for the next one.
      const copy = { x: x.slice(), y: y.slice(), rows };
      running.push(pool.run({ ...common, batch: index, rows: copy }, signal));
      if (running.length > pool.threads) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
    await pool.close();
  }
}
