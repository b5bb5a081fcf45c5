import type { RowSelection, ShardSource } from "../../storage/reading/index.js";

/** Rows first … first+rows−1 of a shard. */
export interface RowRange {
  /** The shard's place in a list of shards. */
  shard: number;
  first: number;
  rows: number;
}

/** Shards in a store that are brought while others are read. */
export const SHARDS_AHEAD = 4;

/** Rows to read: ranges of shards, one after the other. */
export interface RangesToRead {
  shards: readonly ShardSource[];
  ranges: readonly RowRange[];
  /** Places of the shards that will be read next. Default: those that follow in the list. */
  ahead?: readonly number[];
  /** An Int32 that is not 0 once nobody wants the rows any more. */
  cancel?: SharedArrayBuffer;
}

/** Where a shuffle's random numbers come from: a row of a stream, from word 16·group on. */
export interface RandomSource {
  seed: number;
  stream: number;
  row: number;
  /** Default 0. */
  group?: number;
}

/** Where scattered rows lie: each row's D features and its target, one row after the other. */
export type Scratch = { file: string } | { shared: SharedArrayBuffer };

/** Consecutive rows of a scratch. */
export interface ScratchRange {
  firstRow: number;
  rows: number;
}

/** What a chunk is put into, and whether it is still wanted. */
interface ChunkOutput {
  cancel?: SharedArrayBuffer;
  /** A buffer of an earlier chunk to fill instead of a new one, if it is large enough. */
  buffer?: ArrayBuffer;
}

/** Reads ranges of shards, one after the other, and permutes the rows. Gives an ArrayBuffer. */
export interface ReadTask extends RangesToRead, ChunkOutput {
  type: "read";
  rows: number;
  features: number;
  /** Undefined: the rows stay in order. */
  permute: RandomSource | undefined;
  /** The rows come as float64, a file's doubles as they are. Default: rounded to float32. */
  float64?: boolean;
}

/**
 * Scatters a portion of the dataset to buckets: sorts its rows by bucket, keeps their order within
 * one, and writes them to the scratch. Gives the rows of each bucket, a Uint32Array.
 */
export interface ScatterTask extends RangesToRead {
  type: "scatter";
  /** Number of the portion's first row, in the dataset and in the scratch. */
  firstRow: number;
  rows: number;
  features: number;
  /** Its group is that of the first row. */
  random: RandomSource;
  /** The number of buckets is 2^bits. */
  bits: number;
  scratch: Scratch;
}

/** Collects a bucket from the scratch and permutes its rows. Gives an ArrayBuffer. */
export interface CollectTask extends ChunkOutput {
  type: "collect";
  scratch: Scratch;
  ranges: ScratchRange[];
  rows: number;
  features: number;
  permute: RandomSource;
}

/** Counts the rows of a shard that belong to a selection. Gives a number. */
export interface CountTask {
  type: "count";
  selection: RowSelection;
}

/** Computes moments and extremes of every column over some rows. Gives TableMoments. */
export interface StatisticsTask extends RangesToRead {
  type: "statistics";
  rows: number;
  features: number;
  covariance: boolean;
  /** Whether the values are read as float64: those of types wider than float32 keep their digits. */
  float64: boolean;
}

/** Nothing: a thread that has been given it has started. */
export interface StartTask {
  type: "start";
}

/** Work for the loader's threads. */
export type ChunkTask =
  | StartTask
  | ReadTask
  | ScatterTask
  | CollectTask
  | CountTask
  | StatisticsTask;
