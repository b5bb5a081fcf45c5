import { partitionPoint } from "../../common/binary-search.js";
import type { ShardSource } from "../../storage/index.js";
import type { ChunkTask } from "./chunk-task.js";
import type { Piece } from "./types.js";

/**
 * The order of one epoch, as a sequence of chunks. A chunk is a piece of work for one worker thread,
 * a pure function of the plan and its number; the epoch's rows are the chunks' rows one after the
 * other. Each shuffle is a file that makes such a plan.
 */
export interface EpochPlan {
  readonly chunks: number;
  /** Does what must be done before the first chunk. */
  prepare(): Promise<void>;
  /** Bytes that are held from preparation to release. */
  readonly heldBytes?: number;
  /** Rows of a chunk, once prepared. */
  chunkRows(chunk: number): number;
  /** Whether a chunk can be read from any of its rows on. */
  readonly startsAnywhere?: boolean;
  /** @param skip rows at its start that are not wanted, where the plan starts anywhere; else 0 */
  task(chunk: number, skip: number): Extract<ChunkTask, { type: "read" | "collect" }>;
  /** Frees what `prepare` took. No task runs any more. */
  release(): Promise<void>;
}

/** What every shuffle is given. */
export interface PlanInput {
  shards: readonly ShardSource[];
  rows: number;
  features: number;
  batchSize: number;
  seed: number;
  epoch: number;
  /** Bytes that the loader may use. */
  memory: number;
  scratch: string;
  /** Memory that threads share, at least so many bytes; the same piece for one epoch after the other. */
  shared: (bytes: number) => SharedArrayBuffer;
  /** Runs a task of the plan's own in a worker thread. */
  run: <Result>(task: Extract<ChunkTask, { type: "deal" }>) => Promise<Result>;
  threads: number;
}

/** A chunk of unshuffled rows is about this large. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Rows of a sequential chunk: whole batches where they are small, so that batches are views of a
 * chunk, and parts of a batch where it is large.
 */
export function sequentialChunkRows(batchSize: number, rowBytes: number): number {
  const rows = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes));
  return batchSize > rows ? rows : batchSize * Math.floor(rows / batchSize);
}

/**
 * The pieces of rows first … first+rows−1 of shards that follow each other in the given order: a
 * function of first and rows, each call of which takes a binary search.
 */
export function pieceFinder(
  shards: readonly ShardSource[],
  order: ArrayLike<number>,
): (first: number, rows: number) => Piece[] {
  // starts[p]: rows before the shard at position p.
  const starts = new Float64Array(order.length + 1);
  for (let position = 0; position < order.length; position++) {
    starts[position + 1] = starts[position]! + (shards[order[position]!]?.rows ?? 0);
  }
  return (first, rows) => {
    const pieces: Piece[] = [];
    for (
      let position = placeIn(starts, first);
      position < order.length && starts[position]! < first + rows;
      position++
    ) {
      const start = starts[position]!;
      const from = Math.max(first, start);
      const to = Math.min(first + rows, starts[position + 1]!);
      if (from < to) pieces.push({ shard: order[position]!, first: from - start, rows: to - from });
    }
    return pieces;
  };
}

/** The last place whose start is not above the value; starts ascend, and one past the last ends them. */
export function placeIn(starts: Float64Array, value: number): number {
  return partitionPoint(starts.length - 1, (place) => starts[place]! <= value) - 1;
}

/** As `pieceFinder`, for one call in file order. */
export function piecesOf(shards: readonly ShardSource[], first: number, rows: number): Piece[] {
  return pieceFinder(shards, Uint32Array.from(shards.keys()))(first, rows);
}

/**
 * Rows of the largest shard. What is shuffled together in memory depends on it rather than on the
 * budget, so that the order does not either; shards are made smaller where rows are wide, which
 * keeps windows and buckets small there too.
 */
export function largestShard(shards: readonly ShardSource[]): number {
  return shards.reduce((most, shard) => Math.max(most, shard.rows), 1);
}
