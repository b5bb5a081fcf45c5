import type { RowSelection, ShardSource } from "../storage/index.js";
import type { Piece } from "./plan.js";

/** How the rows of a chunk are permuted: by `fillPermutation` with these numbers. */
export interface Permute {
  seed: number;
  stream: number;
  row: number;
}

/** Where dealt rows lie: each row's D features and its target, one row after the other. */
export type Scratch = { file: string } | { shared: SharedArrayBuffer };

/** Work for the loader's threads. */
export type ChunkTask =
  | {
      /** Reads pieces of shards, one after the other, and puts each row in its place of the permutation. */
      type: "read";
      shards: ShardSource[];
      pieces: Piece[];
      rows: number;
      features: number;
      permute: Permute | undefined;
      /** A buffer of an earlier chunk that may be used again. */
      buffer?: ArrayBuffer;
    }
  | {
      /** Deals rows to buckets: sorts them by bucket, keeping their order within one, into the scratch. */
      type: "deal";
      shards: ShardSource[];
      pieces: Piece[];
      /** Number of the first row in the dataset, and where its run starts in the scratch. */
      firstRow: number;
      rows: number;
      features: number;
      seed: number;
      stream: number;
      epoch: number;
      /** The number of buckets is 2^bits. */
      bits: number;
      scratch: Scratch;
    }
  | {
      /** Gathers a bucket from the scratch and permutes its rows. */
      type: "collect";
      scratch: Scratch;
      runs: { firstRow: number; rows: number }[];
      rows: number;
      features: number;
      permute: Permute;
      buffer?: ArrayBuffer;
    }
  | {
      /** How many rows of a shard belong to its selection. */
      type: "count";
      selection: RowSelection;
    }
  | {
      /** Moments and extremes of every column over some pieces. */
      type: "statistics";
      shards: ShardSource[];
      pieces: Piece[];
      rows: number;
      features: number;
      covariance: boolean;
    };
