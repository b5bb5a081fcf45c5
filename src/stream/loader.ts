import { createHash } from "node:crypto";
import { failure, throwIfAborted } from "../common/errors.js";
import type { Table } from "../storage/index.js";
import { createBatchCutter } from "./batch-cutter.js";
import { batchStream, checkItems } from "./batch-stream.js";
import { prefetchChunks, type ChunkSource } from "./prefetch.js";
import { checkBatchOptions, type CheckedBatchOptions } from "./check-options.js";
import type { Batch, BatchLoader, BatchOptions, LoaderState } from "./types.js";

/**
 * Minibatches of a table. The order depends on (seed, epoch, rows of the shards) alone.
 *
 * @throws a usage error for a wrong option, a failure for a state of another dataset; while it is
 * iterated, a failure that names a shard which cannot be read, or an interruption
 */
export function createLoader(table: Table, given: BatchOptions): BatchLoader {
  const base = { fingerprint: table.fingerprint, columns: columnsKey(table) };
  const options = checkBatchOptions(given, base);
  const { batchSize, bufferShards, dropLast, seed, shuffle, start } = options;
  const { rows } = table;
  const batchesPerEpoch = dropLast ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
  if (start.index >= Math.max(1, batchesPerEpoch)) {
    throw failure(
      `The loader's state cannot be used: it is at batch ${start.index} of an epoch of ${batchesPerEpoch}.`,
    );
  }
  const progress: LoaderProgress = { next: start, waited: 0 };
  let iterated = false;
  const stateAt = (position: Position): LoaderState => ({
    formatVersion: 1,
    ...base,
    seed,
    shuffle,
    ...(shuffle === "buffer" && { bufferShards }),
    batchSize,
    dropLast,
    ...position,
  });
  return {
    ...batchStream(() => {
      if (iterated) throw new Error("A loader is iterated once; call batches() again.");
      iterated = true;
      return iterateBatches(table, options, batchesPerEpoch, progress);
    }),
    batchesPerEpoch,
    state: () => stateAt(progress.next),
    waitedSeconds: () => progress.waited / 1000,
    skip(batches) {
      const position = advance(progress.next, checkItems("skip", batches), batchesPerEpoch);
      return createLoader(table, { ...given, from: stateAt(position) });
    },
  };
}

/** Epoch and number of a batch. */
type Position = Pick<LoaderState, "epoch" | "index">;

/** How far the consumer is. */
interface LoaderProgress {
  /** The batch that it gets next. */
  next: Position;
  /** Milliseconds for which it has waited. */
  waited: number;
}

function advance({ epoch, index }: Position, batches: number, batchesPerEpoch: number): Position {
  const next = index + batches;
  const length = Math.max(1, batchesPerEpoch);
  return { epoch: epoch + Math.floor(next / length), index: next % length };
}

/** Frees threads, memory and files of an iterator that is garbage-collected before its end. */
const abandoned = new FinalizationRegistry<ChunkSource>((source) => {
  source.close().catch(() => {});
});

function iterateBatches(
  table: Table,
  options: CheckedBatchOptions,
  batchesPerEpoch: number,
  progress: LoaderProgress,
): AsyncIterator<Batch> {
  if (batchesPerEpoch === 0) return noBatches();
  const { batchSize, start } = options;
  const end = Math.min(table.rows, batchesPerEpoch * batchSize);
  const source = prefetchChunks(table, options, start.index * batchSize, end);
  const batches = batchesOf(source, table, options, batchesPerEpoch, progress);
  abandoned.register(batches, source);
  return batches;
}

async function* batchesOf(
  source: ChunkSource,
  table: Table,
  options: CheckedBatchOptions,
  batchesPerEpoch: number,
  progress: LoaderProgress,
): AsyncGenerator<Batch, void, void> {
  const cutter = createBatchCutter(table, batchesPerEpoch, options);
  try {
    for (;;) {
      const asked = performance.now();
      const chunk = await source.next();
      progress.waited += performance.now() - asked;
      if (chunk === undefined) return;
      for (const batch of cutter.cut(chunk)) {
        throwIfAborted(options.signal);
        progress.next = advance(batch, 1, batchesPerEpoch);
        yield batch;
      }
      if (options.recycle) source.recycle(chunk.buffer);
    }
  } finally {
    // Also where the consumer leaves its loop by `break`, `return` or an error.
    await source.close();
  }
}

async function* noBatches(): AsyncGenerator<Batch, void, void> {}

/** Which columns are read and which rows are left out: what a table's fingerprint does not cover. */
function columnsKey({ columns, shards }: Table): string {
  const invalid = shards[0]?.foreign?.invalid ?? "error";
  const key = JSON.stringify([columns.features, columns.target, invalid]);
  return createHash("sha256").update(key).digest("hex");
}
