import type { Batch } from "../../stream/index.js";
import type { RunRows } from "../../train/index.js";
import { stretches } from "./selection.js";

/** Read-ahead of the loader, in bytes. */
const memory = 64 * 1024 * 1024;

/**
 * One pass over the selected batches (their numbers, ascending).
 *
 * @yields them in file order; a batch's arrays are used again once the next one is asked for
 */
export async function* selectedBatches(
  dataset: Pick<RunRows, "batches">,
  batches: readonly number[],
  batchSize: number,
  signal?: AbortSignal,
): AsyncGenerator<Batch, void, void> {
  const selected = new Set(batches);
  for (const { first, last } of stretches(batches)) {
    for await (const batch of batchesFrom(dataset, first, batchSize, signal)) {
      if (selected.has(batch.index)) yield batch;
      if (batch.index === last) break;
    }
  }
}

/** The batches in file order from number `first` on. */
function batchesFrom(
  dataset: Pick<RunRows, "batches">,
  first: number,
  batchSize: number,
  signal: AbortSignal | undefined,
): AsyncIterable<Batch> {
  return dataset
    .batches({ batchSize, shuffle: "none", memory, recycle: true, ...(signal && { signal }) })
    .skip(first);
}
