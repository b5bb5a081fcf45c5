import { spreadColumn, tileRows, type Floats, type Standardization } from "./standardize.js";

/*
 * Rows that do not lie plain in their file are decoded a block at a time, and a thread keeps the blocks
 * that it has decoded last: a window comes back to a row group for one run of rows after the other.
 */

/** Bytes of decoded blocks that a thread keeps. */
const KEPT_BYTES = 48 * 1024 * 1024;

/** Values of a column, null where there is none is NaN. */
export interface DecodedColumn {
  values: Floats;
  /** Of 64-bit integers: what rounding to float64 took from each value. */
  residuals?: Float64Array;
  /** What stands in a row whose value is NaN, for the error; default "not a number". */
  describe?: (row: number) => string;
  /** What stands in the file, of a text file. */
  text?: (row: number) => string;
  /** Where a row stands, for the error; default its number. */
  where?: (row: number) => string;
}

/** Rows of a group that are decoded together. */
export interface Block {
  group: number;
  from: number;
  to: number;
  /** Number in the file of its first row. */
  firstRow: number;
}

/** Rows of a block that are to be read: a column after the other, the target's last. */
export interface DecodedBlock {
  columns: readonly Floats[];
  rows: number;
}

// The blocks of groups of rows, in order: each group by itself, in pieces where it has more rows than a block.
export function* blocksOf(groups: readonly number[], most: number): Generator<Block> {
  let firstRow = 0;
  for (const [group, rows] of groups.entries()) {
    for (let from = 0; from < rows; from += most) {
      yield { group, from, to: Math.min(rows, from + most), firstRow: firstRow + from };
    }
    firstRow += rows;
  }
}

/** Blocks that this thread has decoded last, over all files; the one used last comes last. */
const kept = new Map<string, DecodedBlock>();
let keptBytes = 0;

function bytesOf({ columns }: DecodedBlock): number {
  return columns.reduce((sum, column) => sum + column.byteLength, 0);
}

/**
 * The block of this key, decoded unless the thread still has it.
 *
 * @param key tells the file and its version, what is read of it and how, and which block it is
 */
export async function keptBlock(
  key: string,
  decode: () => Promise<DecodedBlock>,
): Promise<DecodedBlock> {
  const known = kept.get(key);
  if (known !== undefined) {
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const block = await decode();
  kept.set(key, block);
  keptBytes += bytesOf(block);
  for (const [first, old] of kept) {
    if (keptBytes <= KEPT_BYTES || first === key) break;
    kept.delete(first);
    keptBytes -= bytesOf(old);
  }
  return block;
}

/** Spreads columns into rows, some rows at a time so that they stay in the cache. */
export function spreadRows(
  columns: readonly Floats[],
  skip: number,
  count: number,
  target: { x: Floats; y: Floats },
  at: number,
  standardize: Standardization | undefined,
): void {
  const features = columns.length - 1;
  const tile = tileRows(features + 1);
  for (let row = 0; row < count; row += tile) {
    const rows = Math.min(tile, count - row);
    const place = (at + row) * features;
    for (let column = 0; column < features; column++) {
      const values = columns[column]!;
      spreadColumn(
        values,
        skip + row,
        rows,
        target.x,
        place + column,
        features,
        column,
        standardize,
      );
    }
  }
  spreadColumn(columns[features]!, skip, count, target.y, at, 1, features, standardize);
}
