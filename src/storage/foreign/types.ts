import type { DecodedColumn } from "../decoded-blocks.js";
import type { NumberType } from "../number-type.js";
import type { UnreadNumbers } from "./number-notation.js";
import type { RandomAccessFile } from "../shard-reader.js";

/** A column of a foreign file. */
export interface ForeignColumn {
  name: string;
  /** As its format calls it, for people. */
  type: string;
  /** Whether it holds plain numbers, one a row. */
  numeric: boolean;
  /** How its numbers are stored. */
  numberType: NumberType;
  /** Where its values are numbers in a notation that vadi does not read, such as decimal commas. */
  unread?: UnreadNumbers;
  /** Whether the file says that each of its values is a float32 exactly. */
  exact: boolean;
}

/**
 * A foreign file as groups of rows, each of which is decoded column by column: a Parquet file's row
 * groups, an Arrow file's record batches, pieces of a CSV file.
 */
export interface ForeignFile {
  columns: readonly ForeignColumn[];
  /** Rows of each group. */
  groups: readonly number[];
  /** How much there is to remember of the footer, in numbers. */
  entries: number;
  /** Decodes rows from … to−1 of a group, of some columns alone. The file has been opened again. */
  decode(
    file: RandomAccessFile,
    group: number,
    from: number,
    to: number,
    columns: readonly number[],
  ): Promise<DecodedColumn[]>;
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

/** The largest double that rounds to a finite float32 lies just below this. */
export const OVERFLOW: number = 2 ** 128 - 2 ** 103;
