/** Rows of a file that are stored together: a row group, a record batch or a piece of a CSV file. */
export interface Group {
  number: number;
  rows: number;
  /** Numbers in the file of its first row and its first block. */
  firstRow: number;
  firstBlock: number;
}

/** Consecutive rows of a group that are decoded together. */
export interface Block {
  /** Number in the file. */
  number: number;
  group: number;
  /** Rows from … to−1 of the group. */
  from: number;
  to: number;
  /** Number in the file of the first row. */
  firstRow: number;
}

/** Values in a block of a foreign table, at most. */
const BLOCK_VALUES = 2 ** 21;

/** Rows of a block of a foreign table. Counts of dropped rows are kept by block, so it must not vary. */
export function foreignBlockRows(columns: number): number {
  return Math.max(1, Math.floor(BLOCK_VALUES / columns));
}

/** Numbers groups of rows, and their blocks of at most `mostRows` rows. */
export function groupsOf(rowsOfGroups: readonly number[], mostRows: number): Group[] {
  let firstRow = 0;
  let firstBlock = 0;
  return rowsOfGroups.map((rows, number) => {
    const group = { number, rows, firstRow, firstBlock };
    firstRow += rows;
    firstBlock += Math.ceil(rows / mostRows);
    return group;
  });
}

/**
 * Divides a group into blocks of at most `mostRows` rows.
 *
 * @yields the blocks in order
 */
export function* blocksOf(
  { number: group, rows, firstRow, firstBlock }: Group,
  mostRows: number,
): Generator<Block> {
  let number = firstBlock;
  for (let from = 0; from < rows; from += mostRows) {
    const to = Math.min(rows, from + mostRows);
    yield { number, group, from, to, firstRow: firstRow + from };
    number++;
  }
}

/**
 * Divides all groups of a foreign table's file into blocks.
 *
 * @yields the blocks in order
 */
export function* fileBlocks(groups: readonly number[], columns: number): Generator<Block> {
  const mostRows = foreignBlockRows(columns);
  for (const group of groupsOf(groups, mostRows)) yield* blocksOf(group, mostRows);
}
