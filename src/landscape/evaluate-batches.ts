import { failure } from "../common/errors.js";
import type { Batch } from "../stream/index.js";
import type { RunRows } from "../train/index.js";
import type { LossLog } from "./summary/loss-log.js";
import type { SliceMethod } from "./methods/types.js";
import { readBatches } from "./points/read-batches.js";
import type { LandscapeOptions } from "./points/types.js";

/** The extent of one pass over the data. */
export interface Pass {
  /** Rows that were evaluated in this pass. */
  rows: number;
  /** Wall-clock time. */
  seconds: number;
}

/**
 * Evaluates all points of a grid on those batches that are not in the log yet, in one pass over the
 * data.
 *
 * @param batches numbers of the selected batches, ascending
 * @throws a failure where a batch has no loss (NaN in its rows) or is missing
 */
export async function evaluateBatches(
  dataset: Pick<RunRows, "path" | "batches">,
  batches: readonly number[],
  batchSize: number,
  method: SliceMethod,
  log: LossLog,
  { signal, onProgress }: Pick<LandscapeOptions, "signal" | "onProgress">,
): Promise<Pass> {
  const there = log.batches;
  const missing = batches.filter((batch) => !there.has(batch));
  let done = batches.length - missing.length;
  let rows = 0;

  async function evaluate(batch: Batch): Promise<void> {
    // Read before the first wait, after which the loader may use the batch's arrays again.
    const { index, rows: batchRows } = batch;
    const values = await method.evaluate(batch, signal);
    if (method.curves.hasNaN(values)) throw noLoss(dataset, index * batchSize, batchRows);
    log.append(index, values);
    done++;
    rows += batchRows;
    onProgress?.({ phase: "slicing", done, total: batches.length, unit: "batches", rows });
  }

  const started = performance.now();
  const lanes = createLanes(method.parallel);
  try {
    for await (const batch of readBatches(dataset, missing, batchSize, signal)) {
      await lanes.add(evaluate(batch));
    }
  } finally {
    await lanes.done();
  }
  lanes.check();
  const seconds = (performance.now() - started) / 1000;
  if (done !== batches.length) {
    throw failure(
      `${dataset.path} ended after ${done} of ${batches.length} batches; check it with vadi verify.`,
    );
  }
  return { rows, seconds };
}

function noLoss(dataset: Pick<RunRows, "path">, first: number, rows: number): Error {
  return failure(
    (option) =>
      `A value in rows ${first} to ${first + rows - 1} of ${dataset.path} is not a number, so this batch has ` +
      `no loss; generate the dataset again, or leave the batch out with ${option("batches")}.`,
  );
}

/** Work that runs in parallel, up to a limit. */
interface Lanes {
  /** Adds work that has begun, and waits until fewer than `limit` are running. Throws the first error so far. */
  add(work: Promise<void>): Promise<void>;
  /** Waits until all work has ended, even if some of it failed. */
  done(): Promise<void>;
  /** Throws the first error, if there was one. */
  check(): void;
}

function createLanes(limit: number): Lanes {
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const check = () => {
    if (errors.length > 0) throw errors[0];
  };
  return {
    async add(work) {
      const settled = work.catch((error: unknown) => void errors.push(error));
      running.add(settled);
      void settled.then(() => running.delete(settled));
      if (running.size >= limit) await Promise.race(running);
      check();
    },
    async done() {
      await Promise.all(running);
    },
    check,
  };
}
