import { throwIfAborted } from "../common/errors.js";
import { rowBytes, type Table } from "../storage/index.js";
import { fillOptions } from "../common/options/options.js";
import { float64Options } from "./options.js";
import { fileOrder } from "./chunks/plan.js";
import { poolThreads, runChunkTask } from "./chunks/pool.js";
import type { Float64Rows, Float64Options } from "./types.js";

/** Bytes of rows that one thread reads at a time. */
const PART_BYTES = 4 * 1024 * 1024;

/**
 * Reads the rows of a table in file order, in float64: a foreign table's doubles keep their digits, which
 * `batches` rounds to float32. For passes that measure or copy values; training takes float32. Worker
 * threads read at least one batch ahead, and more within the memory budget.
 *
 * @yields `batchSize` rows at a time, the last time fewer; the caller may keep the arrays
 * @throws a usage error that names the option; a failure where a shard cannot be read; an
 *   interruption once `signal` is aborted
 */
export async function* float64Rows(
  table: Table,
  options: Float64Options = {},
): AsyncGenerator<Float64Rows, void, void> {
  const { shards, features } = table;
  const { total, most, readAhead } = sizesOf(table, options);
  const { signal } = options;
  const rangesOf = fileOrder(shards);
  // Ends the running tasks where the consumer leaves early.
  const cancel = new SharedArrayBuffer(4);
  const ahead: Promise<ArrayBuffer>[] = [];
  let next = 0;
  const readNext = (): void => {
    if (next >= total) return;
    const rows = Math.min(most, total - next);
    const ranges = rangesOf(next, rows);
    next += rows;
    const reading = runChunkTask<ArrayBuffer>(
      { type: "read", shards, ranges, rows, features, permute: undefined, float64: true, cancel },
      signal,
    );
    // Its error is thrown where the rows are awaited.
    reading.catch(() => {});
    ahead.push(reading);
  };
  try {
    for (let count = 0; count <= readAhead; count++) readNext();
    for (let first = 0; first < total; first += most) {
      throwIfAborted(signal);
      const buffer = await ahead.shift()!;
      readNext();
      const rows = Math.min(most, total - first);
      yield {
        x: new Float64Array(buffer, 0, rows * features),
        y: new Float64Array(buffer, rows * features * 8, rows),
        rows,
      };
    }
  } finally {
    Atomics.store(new Int32Array(cancel), 0, 1);
    await Promise.allSettled(ahead);
  }
}

/** Rows in total and at a time, and how many times they are read ahead. */
function sizesOf(
  table: Table,
  options: Float64Options,
): { total: number; most: number; readAhead: number } {
  const bytesOfRow = 2 * rowBytes(table.features);
  const { rows, memory, batchSize } = fillOptions(float64Options, options);
  const most = batchSize ?? Math.max(1, Math.floor(Math.min(PART_BYTES, memory) / bytesOfRow));
  const readAhead = Math.min(poolThreads(), Math.floor(memory / (most * bytesOfRow)));
  return { total: Math.min(rows ?? table.rows, table.rows), most, readAhead };
}
