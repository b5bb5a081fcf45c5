import type { Batch } from "../../stream/index.js";
import type { RunRows } from "../../train/index.js";
import { batchRanges } from "./select-batches.js";

/** Read-ahead of the loader, in bytes. */
const MEMORY = 64 * 1024 * 1024;

/**
 * Reads the selected batches, in file order.
 *
 * @param batches their numbers, ascending
 * @yields batches whose arrays are used again once the next one is asked for
 */
export async function* readBatches(
  dataset: Pick<RunRows, "batches">,
  batches: readonly number[],
  batchSize: number,
  signal?: AbortSignal,
): AsyncGenerator<Batch, void, void> {
  const selected = new Set(batches);
  for (const { first, last } of batchRanges(batches)) {
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
    .batches({
      batchSize,
      shuffle: "none",
      memory: MEMORY,
      recycle: true,
      ...(signal && { signal }),
    })
    .skip(first);
}
