import type { TableFormat } from "./manifest.js";

/** Numbers in a file or a table. */
export type Floats = Float32Array | Float64Array;

/** value ↦ (value − mean) / scale, one entry per column: the D features first, then the target. */
export interface ColumnScales {
  mean: Float64Array | readonly number[];
  scale: Float64Array | readonly number[];
}

/**
 * Arrays that rows are read into: row-major features, and targets. Float64 arrays take a file's doubles
 * unrounded; for Float32 arrays they are rounded, after any standardisation.
 */
export interface RowTarget {
  x: Floats;
  y: Floats;
}

/** Reads any rows of one shard. It belongs to one thread; close it after use. */
export interface ShardReader {
  readonly rows: number;
  /** Reads rows first … first+rows−1 into the arrays from row `at` on. */
  read(first: number, rows: number, target: RowTarget, at: number): Promise<void>;
  /** Throws a failure if the file has changed since it was opened. */
  check(): void;
  close(): void;
}

/** A file of a known size that is read at given positions. */
export interface RandomAccessFile {
  readonly path: string;
  readonly size: number;
  /** Fills the array from the file; throws a failure if the file ends too early. */
  readInto(bytes: Uint8Array, position: number): void;
  /** Reads bytes; throws a failure if some of them are outside the file. */
  read(position: number, length: number): Uint8Array<ArrayBuffer>;
}

/** Reads any rows of a file, by what its metadata says. */
export interface ShardIndex {
  readonly rows: number;
  /** Memory that the index takes, in numbers. */
  readonly entries: number;
  /** The same as a reader's `read`, from the file, which may have been opened again. */
  read(
    file: RandomAccessFile,
    first: number,
    rows: number,
    target: RowTarget,
    at: number,
    standardize: ColumnScales | undefined,
  ): Promise<void>;
}

/** A shard in a store, which is read from a cache on disk. */
export interface RemoteFile {
  /** Its dataset's URL. */
  folder: string;
  /** Its name in that. */
  name: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
  /** The cache's folder, absolute, and the bytes that it may have. */
  cache: { folder: string; size: number };
}

/** What `openShard` needs to know of a shard. */
export interface ShardSource {
  file: string;
  /** Set if the shard is in a store; `file` is then its URL until it is in the cache. */
  remote?: RemoteFile;
  format: TableFormat;
  /** Rows and features that the manifest promises. */
  rows: number;
  features: number;
  /** Applied in float64 to every value that is read. Default: values are as in the file. */
  standardize?: ColumnScales;
  /** The `fileVersion` when the table was opened; the file must not change afterwards. */
  version?: string;
  /** Read these rows only; there are `rows` of them. */
  selection?: RowSelection;
  /** Set for a file that vadi did not write. */
  foreign?: ForeignReading;
  /** Set if the file's bytes are checked before any row is read. */
  checksum?: ShardChecksum;
}

/** How a foreign file is read; part of its shard's source. */
export interface ForeignReading {
  /** Names of the columns: D features and then the target. */
  columns: readonly string[];
  /** Whether a row with an invalid value is an error or is dropped. */
  invalid: "error" | "drop";
  /**
   * Read residuals instead of values: value + residual is the 64-bit integer of the file, where the
   * value is rounded to float64. All other types have residual 0. Default false.
   */
  residuals?: boolean;
  /** If rows are dropped: how many rows of each block remain. */
  blockRows?: Uint32Array;
}

/**
 * The rows of a shard that belong to a subset of a split, or of a split of a subset. Whether a row
 * belongs is a pure function of its number in the table, so nothing is stored for each row.
 */
export interface RowSelection {
  /** Number of the shard's first row in the table that was split. */
  firstRow: number;
  /** Rows of the shard, selected or not. */
  shardRows: number;
  /**
   * A row belongs if, for each split in turn, its random word w has from ≤ w < to (0 … 2³²). Splits
   * within one another draw their words from different counters, even with the same seed.
   */
  splits: readonly { seed: number; from: number; to: number }[];
}

/**
 * A shard's checksum, and its state, which all threads share: the first thread that opens the shard
 * hashes it while others wait.
 */
export interface ShardChecksum {
  /** Lower-case hex SHA-256 of the file. */
  sha256: string;
  /** One Int32 a shard of the table, shared by all threads. */
  states: SharedArrayBuffer;
  /** Index of this shard in `states`. */
  index: number;
}
