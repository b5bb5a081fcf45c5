import { failure } from "../common/errors.js";
import type { Batch } from "../stream/index.js";
import type { RunRows } from "../train/index.js";
import type { LossLog } from "./summary/loss-log.js";
import type { SliceMethod } from "./methods/method.js";
import { selectedBatches } from "./points/selected.js";
import type { LandscapeOptions } from "./points/types.js";

/** What one pass over the data came to. */
export interface Pass {
  /** Rows that were evaluated in this pass. */
  rows: number;
  /** Wall-clock time. */
  seconds: number;
}

/**
 * One pass over those of the selected batches (their numbers, ascending) whose losses are not in the
 * log yet, with all points of the grid at each. Throws a failure where a batch has no loss (NaN in
 * its rows) or is missing.
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
    // The batch is read before the first wait: its arrays may be used again after it.
    const { index, rows: batchRows } = batch;
    const told = await method.evaluate(batch, signal);
    if (method.curves.hasNaN(told)) throw noLoss(dataset, index * batchSize, batchRows);
    log.append(index, told);
    done++;
    rows += batchRows;
    onProgress?.({ phase: "slicing", done, total: batches.length, unit: "batches", rows });
  }

  const started = performance.now();
  const lanes = createLanes(method.parallel);
  try {
    for await (const batch of selectedBatches(dataset, missing, batchSize, signal)) {
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
    `There is a value that is not a number in rows ${first} to ${first + rows - 1} of ${dataset.path}, ` +
      "so that this batch has no loss; make the dataset again, or leave the batch out with --batches.",
  );
}

interface Lanes {
  /** Takes work that has begun, and waits until there is room for more. Throws the first error so far. */
  add(work: Promise<void>): Promise<void>;
  /** Waits until all work has ended, well or not. */
  done(): Promise<void>;
  /** Throws the first error, if there was one. */
  check(): void;
}

/** Work of which less than `limit` goes on while more is made ready. */
function createLanes(limit: number): Lanes {
  const underWay = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const check = () => {
    if (errors.length > 0) throw errors[0];
  };
  return {
    async add(work) {
      const settled = work.catch((error: unknown) => void errors.push(error));
      underWay.add(settled);
      void settled.then(() => underWay.delete(settled));
      if (underWay.size >= limit) await Promise.race(underWay);
      check();
    },
    async done() {
      await Promise.all(underWay);
    },
    check,
  };
}
