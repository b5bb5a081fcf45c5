import type { DecodedColumn } from "./decoded-block.js";
import type { NumberType } from "./number-type.js";
import type { RandomAccessFile } from "./types.js";

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

/** The largest double that rounds to a finite float32 lies just below this. */
export const OVERFLOW: number = 2 ** 128 - 2 ** 103;

/** A text column whose values are numbers in a notation that vadi does not read. */
export interface UnreadNumbers {
  /** What the notation has, for people: `with decimal commas`. */
  notation: string;
  example: string;
  /** Where the example stands: `line 2`. */
  where: string;
}
