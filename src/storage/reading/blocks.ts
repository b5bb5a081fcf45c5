/** Consecutive rows of a group that are decoded together. */
export interface Block {
  /** Number of the block in the file. */
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

/**
 * Divides groups of rows into blocks of at most `most` rows.
 *
 * @yields the blocks in order
 */
export function* blocksOf(groups: readonly number[], most: number): Generator<Block> {
  let number = 0;
  let firstRow = 0;
  for (const [group, rows] of groups.entries()) {
    for (let from = 0; from < rows; from += most) {
      const to = Math.min(rows, from + most);
      yield { number, group, from, to, firstRow: firstRow + from };
      number++;
    }
    firstRow += rows;
  }
}

/** Rows of a block of a foreign table. Counts of dropped rows are kept by block, so it must not vary. */
export function foreignBlockRows(columns: number): number {
  return Math.max(1, Math.floor(BLOCK_VALUES / columns));
}
