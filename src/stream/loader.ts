import { createHash } from "node:crypto";
import { failure, throwIfAborted } from "../common/errors.js";
import type { Table } from "../storage/index.js";
import { batchStream, checkCount } from "./batch-stream.js";
import { createChunkSource, type Chunk, type ChunkSource } from "./chunk-source.js";
import { checkBatchOptions, type CheckedBatchOptions } from "./check-options.js";
import type { Batch, BatchLoader, BatchOptions, LoaderState } from "./types.js";

/** Frees what an iterator held that was dropped before its end. */
const dropped = new FinalizationRegistry<ChunkSource>((source) => {
  source.close().catch(() => {});
});

/** Rows of a batch that are gathered from more than one chunk, in arrays that may be longer. */
interface Partial {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

// Cuts the sequence of chunks into batches: views of a chunk where a batch lies within one.
async function* cutBatches(
  source: ChunkSource,
  rows: number,
  features: number,
  batchesPerEpoch: number,
  options: CheckedBatchOptions,
  onWait: (milliseconds: number) => void,
  onBatch: (epoch: number, index: number) => void,
): AsyncGenerator<Batch, void, void> {
  const { batchSize, rank, worldSize } = options;
  let { index } = options.start;
  let partial: Partial | undefined;
  /** Arrays of an earlier batch that may be used again. */
  let spare: Partial | undefined;

  const batchRows = (): number => Math.min(batchSize, rows - index * batchSize);
  const finish = (x: Float32Array, y: Float32Array, count: number, epoch: number): Batch => {
    // Each rank gets its slice of every global batch.
    const from = Math.floor((count * rank) / worldSize);
    const to = Math.floor((count * (rank + 1)) / worldSize);
    const batch: Batch = {
      x: x.subarray(from * features, to * features),
      y: y.subarray(from, to),
      rows: to - from,
      epoch,
      index,
    };
    index++;
    if (index === batchesPerEpoch) {
      index = 0;
      onBatch(epoch + 1, 0);
    } else onBatch(epoch, index);
    return batch;
  };

  const emptyBatch = (wanted: number): Partial => {
    const used = spare;
    spare = undefined;
    if (used !== undefined && used.y.length >= wanted) return { ...used, rows: 0 };
    return { x: new Float32Array(wanted * features), y: new Float32Array(wanted), rows: 0 };
  };

  const cut = function* (chunk: Chunk): Generator<Batch, void, void> {
    const x = new Float32Array(chunk.buffer, 0, chunk.rows * features);
    const y = new Float32Array(chunk.buffer, chunk.rows * features * 4, chunk.rows);
    for (let at = chunk.skip; at < chunk.rows;) {
      const wanted = batchRows();
      if (partial === undefined && chunk.rows - at >= wanted) {
        const to = at + wanted;
        yield finish(
          x.subarray(at * features, to * features),
          y.subarray(at, to),
          wanted,
          chunk.epoch,
        );
        at = to;
      } else {
        partial ??= emptyBatch(wanted);
        const count = Math.min(wanted - partial.rows, chunk.rows - at);
        partial.x.set(x.subarray(at * features, (at + count) * features), partial.rows * features);
        partial.y.set(y.subarray(at, at + count), partial.rows);
        partial.rows += count;
        at += count;
        if (partial.rows === wanted) {
          const whole = partial;
          partial = undefined;
          yield finish(whole.x, whole.y, wanted, chunk.epoch);
          if (options.recycle) spare = whole;
        }
      }
      // What is left of an epoch whose last batch is dropped.
      if (index === 0 && at < chunk.rows) return;
    }
  };

  try {
    for (;;) {
      const asked = performance.now();
      const chunk = await source.next();
      onWait(performance.now() - asked);
      if (chunk === undefined) return;
      for (const batch of cut(chunk)) {
        throwIfAborted(options.signal);
        yield batch;
      }
      if (options.recycle) source.recycle(chunk.buffer);
    }
  } finally {
    await source.close();
  }
}

/** What a table's fingerprint does not tell: which of its columns are read, and which rows left out. */
function columnsKey({ columns, shards }: Table): string {
  const invalid = shards[0]?.foreign?.invalid ?? "error";
  const key = JSON.stringify([columns.features, columns.target, invalid]);
  return createHash("sha256").update(key).digest("hex");
}

/**
 * Minibatches of a table. The order depends on (seed, epoch, rows of the shards) alone.
 *
 * @throws a usage error for a wrong option, a failure for a state of another dataset; while it is
 * iterated, a failure that names a shard which cannot be read, or an interruption
 */
export function createLoader(table: Table, given: BatchOptions): BatchLoader {
  const base = { fingerprint: table.fingerprint, columns: columnsKey(table) };
  const options = checkBatchOptions(given, base);
  const { batchSize, dropLast } = options;
  const { rows, features } = table;
  const batchesPerEpoch = dropLast ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
  if (options.start.index >= Math.max(1, batchesPerEpoch)) {
    throw failure(
      `The loader's state cannot be used: it is at batch ${options.start.index} of an epoch of ${batchesPerEpoch}.`,
    );
  }
  let waited = 0;
  let { start } = options;
  let iterated = false;
  const stateAt = (place: { epoch: number; index: number }): LoaderState => ({
    formatVersion: 1,
    ...base,
    seed: options.seed,
    shuffle: options.shuffle,
    batchSize,
    dropLast,
    ...place,
  });
  return {
    ...batchStream(iterate),
    batchesPerEpoch,
    state: () => stateAt(start),
    waitedSeconds: () => waited / 1000,
    skip(count) {
      const index = start.index + checkCount("skip", count);
      return createLoader(table, {
        ...given,
        from: stateAt({
          epoch: start.epoch + Math.floor(index / Math.max(1, batchesPerEpoch)),
          index: index % Math.max(1, batchesPerEpoch),
        }),
      });
    },
  };

  function iterate(): AsyncIterator<Batch> {
    if (iterated) throw new Error("A loader is iterated once; call batches() again.");
    iterated = true;
    const end = Math.min(rows, batchesPerEpoch * batchSize);
    const source = createChunkSource(table, options, start.index * batchSize, end);
    if (batchesPerEpoch === 0) return emptyIterator();
    const batches = cutBatches(
      source,
      rows,
      features,
      batchesPerEpoch,
      options,
      (milliseconds) => {
        waited += milliseconds;
      },
      (epoch, index) => {
        start = { epoch, index };
      },
    );
    dropped.register(batches, source);
    return batches;
  }
}

async function* emptyIterator(): AsyncGenerator<Batch, void, void> {}
