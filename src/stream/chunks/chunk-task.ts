import type { RowSelection } from "../../storage/index.js";
import type { Permute, Reading, Run, Scratch } from "./types.js";

/** What a chunk is put into, and whether it is still wanted. */
interface Wanted {
  cancel?: SharedArrayBuffer;
  /** A buffer of an earlier chunk that may be used again. */
  buffer?: ArrayBuffer;
}

/** Work for the loader's threads. */
export type ChunkTask =
  | (Reading &
      Wanted & {
        /** Reads pieces of shards, one after the other, and permutes the rows. */
        type: "read";
        rows: number;
        features: number;
        permute: Permute | undefined;
        /** The rows come as float64, a file's doubles as they are. Default: rounded to float32. */
        float64?: boolean;
      })
  | (Reading & {
      /** Deals rows to buckets: sorts them by bucket, keeping their order within one, into the scratch. */
      type: "deal";
      /** Number of the first row in the dataset, and where its run starts in the scratch. */
      firstRow: number;
      rows: number;
      features: number;
      /** Its group is that of the first row. */
      random: Permute;
      /** The number of buckets is 2^bits. */
      bits: number;
      scratch: Scratch;
    })
  | (Wanted & {
      /** Gathers a bucket from the scratch and permutes its rows. */
      type: "collect";
      scratch: Scratch;
      runs: Run[];
      rows: number;
      features: number;
      permute: Permute;
    })
  | {
      /** How many rows of a shard belong to its selection. */
      type: "count";
      selection: RowSelection;
    }
  | (Reading & {
      /** Moments and extremes of every column over some pieces. */
      type: "statistics";
      rows: number;
      features: number;
      covariance: boolean;
      /** Whether the values are read as float64: those of types wider than float32 keep their digits. */
      float64: boolean;
    });
