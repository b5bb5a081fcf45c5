import type { NumberType } from "./number-type.js";
import type { Floats } from "./types.js";
import type { RandomAccessFile } from "./types.js";

/**
 * A file of a table, opened: groups of rows, each of which is read column by column. A group is a
 * Parquet file's row group, an Arrow file's record batch or a piece of a CSV file. Every method gets
 * the file, which may have been closed and opened again in between.
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
  /** Whether it holds numbers, one a row. */
  numeric: boolean;
  /** How its numbers are stored. */
  numberType: NumberType;
  /** Set where its values are numbers in a notation that vadi does not read, such as decimal commas. */
  unread?: UnreadNumbers;
  /** Whether the metadata shows that float32 holds each of its values exactly, apart from doubles. */
  exact: boolean;
}

/** A text column whose values are numbers in a notation that vadi does not read. */
export interface UnreadNumbers {
  /** The notation, for messages: `with decimal commas`. */
  notation: string;
  example: string;
  /** The example's position: `line 2`. */
  where: string;
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
  /** Describes the NaN in a row, for the error; default "not a number". */
  describe?: (row: number) => string;
  /** The row's text in a text file. */
  text?: (row: number) => string;
  /** A row's position in a text file, for the error; default its number. */
  where?: (row: number) => string;
}
