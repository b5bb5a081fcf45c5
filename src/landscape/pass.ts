import { failure } from "../common/errors.js";
import type { Batch, Dataset, LoaderState } from "../stream/index.js";
import type { SliceMethod } from "./method.js";
import { stretches } from "./selection.js";
import type { LandscapeOptions, SliceCurve } from "./types.js";

/** What one pass over the data found. */
export interface Pass {
  /** In the order of the batches. */
  curves: SliceCurve[];
  /** Rows that were evaluated. */
  rows: number;
  /** Wall-clock time. */
  seconds: number;
}

/**
 * One pass over the selected batches (their numbers, ascending), with all points of the line at
 * each. Throws a failure where a batch has no loss (NaN in its rows) or is missing.
 */
export async function slicesOf(
  dataset: Dataset,
  batches: readonly number[],
  batchSize: number,
  method: SliceMethod,
  { signal, onProgress }: Pick<LandscapeOptions, "signal" | "onProgress">,
): Promise<Pass> {
  const selected = new Set(batches);
  const curves = new Map<number, SliceCurve>();
  let rows = 0;

  async function evaluate(batch: Batch): Promise<void> {
    // The batch is read before the first wait: its arrays may be used again after it.
    const { index, rows: batchRows } = batch;
    const losses = await method.losses(batch, signal);
    if (losses.some(Number.isNaN)) throw noLoss(dataset, index * batchSize, batchRows);
    curves.set(index, { batch: index, losses });
    rows += batchRows;
    onProgress?.({
      phase: "slicing",
      done: curves.size,
      total: batches.length,
      unit: "batches",
      rows,
    });
  }

  const started = performance.now();
  const lanes = createLanes(method.parallel);
  try {
    for (const { first, last } of stretches(batches)) {
      for await (const batch of batchesFrom(dataset, first, batchSize, signal)) {
        if (selected.has(batch.index)) await lanes.add(evaluate(batch));
        if (batch.index === last) break;
      }
    }
  } finally {
    await lanes.done();
  }
  lanes.check();
  const seconds = (performance.now() - started) / 1000;
  const found = batches.flatMap((batch) => curves.get(batch) ?? []);
  if (found.length !== batches.length) {
    throw failure(
      `${dataset.path} ended after ${found.length} of ${batches.length} batches; check it with vadi verify.`,
    );
  }
  return { curves: found, rows, seconds };
}

/** The batches in file order from number `first` on. */
function batchesFrom(
  dataset: Dataset,
  first: number,
  batchSize: number,
  signal: AbortSignal | undefined,
): AsyncIterable<Batch> {
  const order = { batchSize, shuffle: "none", seed: 0, dropLast: false } as const;
  const from: LoaderState = {
    ...order,
    formatVersion: 1,
    fingerprint: dataset.fingerprint,
    epoch: 0,
    index: first,
  };
  return dataset.batches({ ...order, from, recycle: true, ...(signal && { signal }) });
}

function noLoss(dataset: Dataset, first: number, rows: number): Error {
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
