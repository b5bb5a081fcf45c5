import { failure } from "../../common/errors.js";
import { arrowColumns } from "./arrow-columns.js";
import { countRow, holds, leaveOut, numberOf, type Block } from "./block.js";
import { isArrowBatch, type ArrowBatch, type RowBatch, type RowObject } from "./types.js";

/** Puts rows of an item into a block until it is full; returns the number of the item's rows that are done. */
export type Append = (block: Block, from: number) => number;

/**
 * Puts a row into a block, whose columns are the row's properties.
 *
 * @returns whether it is done; if not, the block has to be handed on first
 */
export function appendObject(item: object, block: Block): boolean {
  if (!holds(block, false)) return false;
  const row = item as RowObject;
  const { names, width, rows, x, y } = block;
  const first = rows * width;
  for (let column = 0; column <= width; column++) {
    const value = row[names[column]!];
    const number = numberOf(value);
    if (Number.isNaN(number)) return leaveOut(block, column, value);
    if (column < width) x[first + column] = number;
    else y[rows] = number;
  }
  countRow(block);
  return true;
}

/** The rows of a batch: how many there are, and how they are put into a block. */
export interface BatchRows {
  rows: number;
  append: Append;
}

/** The rows of an Arrow record batch or an `{ x, y }` batch. */
export function rowsOfBatch(item: ArrowBatch | RowBatch, block: Block): BatchRows {
  if (!isArrowBatch(item)) return batchRows(item, block);
  const { isNarrow, valueAt } = arrowColumns(item, block);
  return columnar(item.numRows, isNarrow, valueAt);
}

/** The rows of an `{ x, y }` batch. */
function batchRows({ x, y }: RowBatch, { width, sourceRows }: Block): BatchRows {
  const isOne = typeof y === "number" || typeof y === "bigint" || typeof y === "boolean";
  const targets: ArrayLike<unknown> = isOne ? [y] : y;
  const rows = targets?.length;
  if (typeof rows !== "number" || x.length !== rows * width) {
    const has = `${x.length} numbers in x and ${rows ?? "none"} in y`;
    throw failure(
      `The batch after row ${sourceRows} has ${has}; with ${width} features, x must have ${width} for each of y.`,
    );
  }
  const isNarrow = x instanceof Float32Array && targets instanceof Float32Array;
  return columnar(rows, isNarrow, (column, row) =>
    column === width ? targets[row] : x[row * width + column],
  );
}

/** Rows whose values are asked for one by one. */
function columnar(
  rows: number,
  isNarrow: boolean,
  valueAt: (column: number, row: number) => unknown,
): BatchRows {
  const append: Append = (block, from) => {
    if (!holds(block, isNarrow)) return from;
    const { width, x, y } = block;
    for (let row = from; row < rows; row++) {
      const first = block.rows * width;
      for (let column = 0; column <= width; column++) {
        const value = valueAt(column, row);
        const number = numberOf(value);
        if (Number.isNaN(number)) {
          if (!leaveOut(block, column, value)) return row;
          break;
        }
        if (column < width) x[first + column] = number;
        else {
          y[block.rows] = number;
          countRow(block);
        }
      }
      if (block.isFull) return row + 1;
    }
    return rows;
  };
  return { append, rows };
}
