import { failure } from "../../common/errors.js";
import { plainNumber } from "../../common/text/numbers.js";
import { quote } from "../../common/text/quote.js";
import type { Floats } from "../format/types.js";

/** Rows of a block. */
const BLOCK_ROWS = 8192;
/** Values of a block, at most. */
const BLOCK_VALUES = 2 ** 19;
/** The largest double that rounds to a finite float32 is just below this. */
const OVERFLOW = 2 ** 128 - 2 ** 103;

/** Rows that have been checked; the arrays are used again. */
export interface Block {
  /** The features' names, then the target's. */
  readonly names: readonly string[];
  /** D. */
  readonly width: number;
  readonly invalid: "error" | "drop";
  /** Rows that fit. */
  readonly most: number;
  x: Floats;
  y: Floats;
  rows: number;
  /** Rows before the block's first that were left out as invalid. */
  dropped: number;
  /** Rows of the source so far. */
  sourceRows: number;
  /** Whether the rows must be handed on before the next can come. */
  isFull: boolean;
}

/** @param sourceRows rows of the source that came before */
export function createBlock(
  names: readonly string[],
  invalid: "error" | "drop",
  sourceRows: number,
): Block {
  const width = names.length - 1;
  const most = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_VALUES / names.length)));
  const x = new Float64Array(most * width);
  const y = new Float64Array(most);
  const empty = { x, y, rows: 0, dropped: 0, isFull: false };
  return { names, width, invalid, most, sourceRows, ...empty };
}

/**
 * Makes the block hold floats of the type that some rows need.
 *
 * @returns whether they can be put in; if not, the rows of the other type have to be handed on first
 */
export function holds(block: Block, isNarrow: boolean): boolean {
  const { x, most, width, rows } = block;
  if (x instanceof Float32Array === isNarrow) return true;
  if (rows > 0) {
    block.isFull = true;
    return false;
  }
  const Values = isNarrow ? Float32Array : Float64Array;
  block.x = new Values(most * width);
  block.y = new Values(most);
  return true;
}

/** A value as a finite number that float32 can hold, or NaN. */
export function numberOf(value: unknown): number {
  const number =
    typeof value === "number"
      ? value
      : typeof value === "bigint" || typeof value === "boolean"
        ? Number(value)
        : Number.NaN;
  return Math.abs(number) < OVERFLOW ? number : Number.NaN;
}

/** Counts a row whose values have been put behind the others. */
export function countRow(block: Block): void {
  block.rows++;
  block.sourceRows++;
  if (block.rows === block.most) block.isFull = true;
}

/**
 * Leaves out a row that has an invalid value.
 *
 * @returns whether it has been left out; if not, the rows before it have to be handed on first
 * @throws a failure that names column and row, unless invalid rows are dropped
 */
export function leaveOut(block: Block, column: number, value: unknown): boolean {
  if (block.invalid === "error") {
    const where = `row ${block.sourceRows + 1} (counted from 1)`;
    throw failure(
      (option) =>
        `Column ${block.names[column]} is ${describe(value)} in ${where}; give a number, leave out such rows with ${option("invalid")} drop, or choose other columns with ${option("features")} and ${option("target")}.`,
    );
  }
  if (block.rows > 0) {
    block.isFull = true;
    return false;
  }
  block.dropped++;
  block.sourceRows++;
  return true;
}

/** A value that is no number, in a sentence. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return "missing";
  if (typeof value === "number" && Number.isNaN(value)) return "not a number";
  if (typeof value === "number" && !Number.isFinite(value)) return "infinite";
  if (typeof value === "number" || typeof value === "bigint") {
    return `${plainNumber(Number(value))}, too large for float32`;
  }
  if (typeof value === "string") return `the text ${quote(value)}`;
  if (value instanceof Date) return "a date";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`.replace("a o", "an o");
}
