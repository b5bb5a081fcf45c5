import type { NumberType } from "./number-type.js";
import type { Floats } from "./types.js";
import type { RandomAccessFile } from "./types.js";

/**
 * A file of a table, opened: groups of rows, each of which is read column by column. A group is a
 * Parquet file's row group or an Arrow file's record batch. Every method gets the file, which may have been closed and opened again in between.
 */
export interface TableFile {
  /** The columns; a fixed-size list `x` of D numbers counts as the columns x0 … x(D−1). Computed by each call. */
  columns(): FileColumn[];
  /** Rows of each group. */
  groups: readonly number[];
  /** Memory that the metadata takes, in numbers. */
  entries: number;
  /** A reader of some columns, given by their positions in `columns()`. */
  select(columns: readonly number[]): ColumnReader;
}

/** Reads some columns of a file. */
export interface ColumnReader {
  /**
   * Where a group's values are in the file, if they can be read without decoding: an entry for each
   * column, or one for all columns of a fixed-size list. Undefined if any column must be decoded.
   */
  plain(file: RandomAccessFile, group: number): PlainColumn[] | undefined;
  /** Decodes rows from … to−1 of a group. */
  decode(file: RandomAccessFile, group: number, from: number, to: number): Promise<DecodedColumn[]>;
}

/** A column of a file. */
export interface FileColumn {
  name: string;
  /** The type's name in the file format, for messages. */
  type: string;
  /** Whether it holds numbers, one per row. */
  numeric: boolean;
  /** How its numbers are stored. */
  numberType: NumberType;
  /** Whether the metadata shows that float32 holds each of its values exactly, apart from doubles. */
  exact: boolean;
}

/** Values that are stored one after the other, little-endian, uncompressed, none missing. */
export interface PlainColumn {
  type: "float32" | "float64";
  /** Values a row: 1, or the size of a fixed-size list. */
  width: number;
  /** In ascending order; together they hold all rows of the group. */
  runs: readonly PlainRun[];
}

/** Consecutive rows of a group. */
export interface PlainRun {
  /** Number in the group of the first row. */
  firstRow: number;
  rows: number;
  /** Offset in the file of the first value. */
  position: number;
}

/** A column's decoded values; a missing value is NaN. */
export interface DecodedColumn {
  values: Floats;
  /** Of 64-bit integers: the difference to the value that is lost by rounding to float64. */
  residuals?: Float64Array;
  /** 1 for each missing value (null); undefined if there are none. */
  missing?: Uint8Array;
}
