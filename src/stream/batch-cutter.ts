import type { Table } from "../storage/index.js";
import type { Chunk } from "./prefetch.js";
import type { CheckedBatchOptions } from "./check-options.js";
import type { Batch } from "./types.js";

/** Cuts chunks into batches, which are views of a chunk where they lie within one. */
export interface BatchCutter {
  /** The batches that end in a chunk; the chunks must be given in order. */
  cut(chunk: Chunk): Generator<Batch, void, void>;
}

/** The rows so far of a batch that lies in several chunks. */
interface GatheredRows {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

export function createBatchCutter(
  { rows, features }: Pick<Table, "rows" | "features">,
  batchesPerEpoch: number,
  options: CheckedBatchOptions,
): BatchCutter {
  const { batchSize } = options;
  /** The number of the next batch. */
  let { index } = options.start;
  let gathered: GatheredRows | undefined;
  /** Arrays of an earlier batch, to be used again. */
  let spare: GatheredRows | undefined;

  const emptyRows = (wanted: number): GatheredRows => {
    const used = spare;
    spare = undefined;
    if (used !== undefined && used.y.length >= wanted) return { ...used, rows: 0 };
    return { x: new Float32Array(wanted * features), y: new Float32Array(wanted), rows: 0 };
  };

  const batchOf = (x: Float32Array, y: Float32Array, count: number, epoch: number): Batch => {
    const batch = { ...rankSlice(x, y, count, features, options), epoch, index };
    index = (index + 1) % batchesPerEpoch;
    return batch;
  };

  return {
    *cut({ buffer, rows: chunkRows, skip, epoch }) {
      const x = new Float32Array(buffer, 0, chunkRows * features);
      const y = new Float32Array(buffer, chunkRows * features * 4, chunkRows);
      for (let at = skip; at < chunkRows;) {
        const wanted = Math.min(batchSize, rows - index * batchSize);
        const count = Math.min(wanted - (gathered?.rows ?? 0), chunkRows - at);
        const partX = x.subarray(at * features, (at + count) * features);
        const partY = y.subarray(at, at + count);
        at += count;
        if (count === wanted) yield batchOf(partX, partY, wanted, epoch);
        else {
          const batch = (gathered ??= emptyRows(wanted));
          batch.x.set(partX, batch.rows * features);
          batch.y.set(partY, batch.rows);
          batch.rows += count;
          if (batch.rows === wanted) {
            gathered = undefined;
            yield batchOf(batch.x, batch.y, wanted, epoch);
            if (options.recycle) spare = batch;
          }
        }
        // The chunk may hold more rows of an epoch whose last batch is dropped.
        if (index === 0 && at < chunkRows) return;
      }
    },
  };
}

/** The rows of a batch that this consumer gets: rank r of w gets rows ⌊m·r/w⌋ … ⌊m·(r+1)/w⌋−1 of m. */
function rankSlice(
  x: Float32Array,
  y: Float32Array,
  rows: number,
  features: number,
  { rank, worldSize }: CheckedBatchOptions,
): Pick<Batch, "x" | "y" | "rows"> {
  const from = Math.floor((rows * rank) / worldSize);
  const to = Math.floor((rows * (rank + 1)) / worldSize);
  return {
    x: x.subarray(from * features, to * features),
    y: y.subarray(from, to),
    rows: to - from,
  };
}
