import type { ShardSource, RowTarget } from "../../storage/reading/index.js";

/** The rows first … first+rows−1 of a shard. */
export interface Piece {
  shard: number;
  first: number;
  rows: number;
}

/** The random numbers of a shuffle: a row of a stream, from word 16·group on. */
export interface Permute {
  seed: number;
  stream: number;
  row: number;
  /** Default 0. */
  group?: number;
}

/** Rows to read: pieces of shards, one after the other. */
export interface Reading {
  shards: readonly ShardSource[];
  pieces: readonly Piece[];
  /** An Int32 that is not 0 once nobody wants the rows any more. */
  cancel?: SharedArrayBuffer;
}

/** Where rows are put before they are dealt: a block of them. */
export interface Block {
  /** Rows that it holds at the most. */
  readonly capacity: number;
  /** Features of all its rows, then targets. */
  readonly split: RowTarget;
  /** Row after row, each with its target. */
  readonly packed: Float32Array;
}

/** Where dealt rows lie: each row's D features and its target, one row after the other. */
export type Scratch = { file: string } | { shared: SharedArrayBuffer };

/** Some consecutive rows of a scratch. */
export interface Run {
  firstRow: number;
  rows: number;
}
