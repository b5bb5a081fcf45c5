import type { TableFormat } from "./manifest.js";

/** Numbers in a file or a table. */
export type Floats = Float32Array | Float64Array;

/** value ↦ (value − mean) / scale, one entry a column: the D features first, then the target. */
export interface Standardization {
  mean: Float64Array | readonly number[];
  scale: Float64Array | readonly number[];
}

/**
 * Where rows are put: row-major features and targets, from a row of the arrays on. Float64 arrays get
 * a file's doubles as they are, Float32 arrays get them rounded, after any standardisation.
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
  /** Throws a failure where the file has changed since it was opened. */
  check(): void;
  close(): void;
}

/** A file of a known size, read at given places. */
export interface RandomAccessFile {
  readonly path: string;
  readonly size: number;
  /** Fills the array from the file; throws a failure where the file ends before. */
  readInto(bytes: Uint8Array, position: number): void;
  read(position: number, length: number): Uint8Array<ArrayBuffer>;
}

/** Where a shard's rows lie in its file: what its footer says, checked. */
export interface ShardIndex {
  readonly rows: number;
  /** How much there is to remember of the footer, in numbers. */
  readonly entries: number;
  /** As a reader's `read`, from a file that has been opened again. */
  read(
    file: RandomAccessFile,
    first: number,
    rows: number,
    target: RowTarget,
    at: number,
    standardize: Standardization | undefined,
  ): Promise<void>;
}

/** What opens a shard. */
export interface ShardSource {
  file: string;
  format: TableFormat;
  /** Rows and features that the manifest promises. */
  rows: number;
  features: number;
  /** Applied in float64 to every value that is read. Default: values are as they lie in the file. */
  standardize?: Standardization;
  /** What its file was when the table was opened, as `fileVersion` says; it must not change. */
  version?: string;
  /** Only these of its rows, `rows` in number. */
  selection?: RowSelection;
  /** How a file is read that vadi did not write. */
  foreign?: ForeignReading;
  /** Its bytes are checked before the first of them is used. */
  checksum?: ShardChecksum;
}

/** How a foreign file is read; part of its shard's source. */
export interface ForeignReading {
  /** Names of the D features' columns and then the target's. */
  columns: readonly string[];
  /** Whether a row with an invalid value is an error, or is not there. */
  invalid: "error" | "drop";
  /**
   * Read, instead of the values, what rounding to float64 took from them: value + residual is the
   * 64-bit integer of the file. 0 in all other columns. Default false.
   */
  residuals?: boolean;
  /** Where rows are dropped: how many are left in each block of rows. */
  blockRows?: Uint32Array;
  /** Of a CSV file, which has no footer: where its pieces are. */
  pieces?: CsvPieces;
}

/** Pieces of whole records of a CSV file. */
export interface CsvPieces {
  columns: readonly string[];
  delimiter: string;
  /** First byte of every piece, and one past the last. */
  starts: Float64Array;
  /** Records of every piece, and the number of the line at which it starts, counted from 1. */
  rows: Uint32Array;
  lines: Float64Array;
}

/**
 * The rows of a shard whose number a hash gives to one part of a split, or of a split of a split.
 * Membership is a pure function of the row's number in its table: nothing is stored a row.
 */
export interface RowSelection {
  /** Number of the shard's first row in the table that was split. */
  firstRow: number;
  /** Rows of the shard, selected or not. */
  shardRows: number;
  /**
   * A row belongs if, for each split in turn, its random word w has from ≤ w < to (0 … 2³²). Splits
   * one within the other draw their words from different counters, the same seed or not.
   */
  splits: readonly { seed: number; from: number; to: number }[];
}

/**
 * A shard's checksum, and what is known of it so far by all threads together: each shard is hashed
 * once, by the thread that comes to it first, while others wait.
 */
export interface ShardChecksum {
  /** Lower-case hex SHA-256 of the file. */
  sha256: string;
  /** One Int32 a shard of the table, shared by all threads. */
  states: SharedArrayBuffer;
  /** This shard's place in it. */
  index: number;
}
