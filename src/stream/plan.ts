import type { ShardSource } from "../storage/index.js";
import type { ChunkTask } from "./chunk-task.js";

/** The rows first … first+rows−1 of a shard. */
export interface Piece {
  shard: number;
  first: number;
  rows: number;
}

/**
 * The order of one epoch, as a sequence of chunks. A chunk is a piece of work for one worker thread,
 * a pure function of the plan and its number; the epoch's rows are the chunks' rows one after the
 * other. Each shuffle is a file that makes such a plan.
 */
export interface EpochPlan {
  readonly chunks: number;
  /** Does what must be done before the first chunk. */
  prepare(): Promise<void>;
  /** Rows of a chunk, once prepared. */
  chunkRows(chunk: number): number;
  task(chunk: number): ChunkTask;
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
  run: <Result>(task: ChunkTask) => Promise<Result>;
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

/** The pieces of rows first … first+rows−1 of shards that follow each other in the given order. */
export function piecesOf(
  shards: readonly ShardSource[],
  order: ArrayLike<number>,
  first: number,
  rows: number,
): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (let position = 0; position < order.length && start < first + rows; position++) {
    const shard = order[position] ?? 0;
    const length = shards[shard]?.rows ?? 0;
    const from = Math.max(first, start);
    const to = Math.min(first + rows, start + length);
    if (from < to) pieces.push({ shard, first: from - start, rows: to - from });
    start += length;
  }
  return pieces;
}

/**
 * Rows that are shuffled together in memory by `window` and `global`. It depends on the rows of the
 * largest shard alone, never on the memory budget, so that the order does not either; shards are
 * made smaller where rows are wide, which keeps windows small there too.
 */
export function shuffleRows(shards: readonly ShardSource[], limit: number): number {
  const largest = shards.reduce((most, shard) => Math.max(most, shard.rows), 1);
  return Math.min(limit, Math.ceil(largest / 4));
}
