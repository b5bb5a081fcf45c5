import { partitionPoint } from "../../common/binary-search.js";
import type { ShardSource } from "../../storage/index.js";
import type { CollectTask, ReadTask, RowRange, ScatterTask } from "./tasks.js";

/**
 * The order of one epoch, as a sequence of chunks: the epoch's rows are the chunks' rows one after the
 * other. A chunk is read by one worker thread, and is a pure function of the plan and its number. Each
 * file of shuffle/ makes such a plan.
 */
export interface EpochPlan {
  readonly chunks: number;
  /** Does what must be done before the first chunk is read. */
  prepare(): Promise<void>;
  /** Bytes that are held from preparation to release. Default 0. */
  readonly heldBytes?: number;
  /** Rows of a chunk, once prepared. */
  chunkRows(chunk: number): number;
  /** Whether a chunk can be read from any of its rows on. Default false. */
  readonly startsAnywhere?: boolean;
  /** Whether the next epoch can be prepared only when all chunks have been read. Default false. */
  readonly exclusive?: boolean;
  /** @param unread rows at the chunk's start that are not to be read; 0 unless `startsAnywhere` */
  task(chunk: number, unread: number): ReadTask | CollectTask;
  /** Frees what `prepare` took, once no task of the plan is running. */
  release(): Promise<void>;
}

/** What a plan is made from. */
export interface PlanInput {
  shards: readonly ShardSource[];
  rows: number;
  features: number;
  batchSize: number;
  seed: number;
  epoch: number;
  /** How many shards `buffer` mixes at a time. */
  bufferShards: number;
  /** Bytes that the loader may use. */
  memory: number;
  /** Folder for scratch files. */
  scratch: string;
  /** Memory that threads share, of at least as many bytes; every epoch gets the same. */
  shared: (bytes: number) => SharedArrayBuffer;
  /** Runs a task of the plan's preparation in a worker thread. */
  run: (task: ScatterTask) => Promise<Uint32Array>;
  threads: number;
}

/** About how many bytes a sequential chunk has. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Rows of a chunk that is read in file order: several batches where batches are small, so that they
 * are views of the chunk; a part of a batch where it is larger than a chunk.
 */
export function sequentialChunkRows(batchSize: number, rowBytes: number): number {
  const rows = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes));
  return batchSize > rows ? rows : batchSize * Math.floor(rows / batchSize);
}

/**
 * Finds the row ranges that hold rows first … first+rows−1 of shards in a given order, by binary
 * search.
 *
 * @param order places of the shards in the list
 */
export function rangeFinder(
  shards: readonly ShardSource[],
  order: ArrayLike<number>,
): (first: number, rows: number) => RowRange[] {
  // starts[p]: rows before the shard at position p.
  const starts = new Float64Array(order.length + 1);
  for (let position = 0; position < order.length; position++) {
    starts[position + 1] = starts[position]! + (shards[order[position]!]?.rows ?? 0);
  }
  return (first, rows) => {
    const ranges: RowRange[] = [];
    for (
      let position = lastStart(starts, first);
      position < order.length && starts[position]! < first + rows;
      position++
    ) {
      const start = starts[position]!;
      const from = Math.max(first, start);
      const to = Math.min(first + rows, starts[position + 1]!);
      if (from < to) ranges.push({ shard: order[position]!, first: from - start, rows: to - from });
    }
    return ranges;
  };
}

/**
 * The place of the last start that is not above a value.
 *
 * @param starts ascending; the last entry is where the last part ends
 */
export function lastStart(starts: Float64Array, value: number): number {
  return partitionPoint(starts.length - 1, (place) => starts[place]! <= value) - 1;
}

/** As `rangeFinder`, for shards in file order. */
export function fileOrder(
  shards: readonly ShardSource[],
): (first: number, rows: number) => RowRange[] {
  return rangeFinder(shards, Uint32Array.from(shards.keys()));
}

/**
 * Rows of the largest shard. The sizes of windows and buckets depend on it rather than on the memory
 * budget, so that the order does not depend on the budget. Shards of wide rows have fewer rows, which
 * keeps windows and buckets of wide rows small too.
 */
export function largestShard(shards: readonly ShardSource[]): number {
  return shards.reduce((most, shard) => Math.max(most, shard.rows), 1);
}
