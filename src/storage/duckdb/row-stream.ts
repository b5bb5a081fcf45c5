import type { DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { failure } from "../../common/errors.js";
import { plainNumber } from "../../common/text/numbers.js";
import type { Floats } from "../format/types.js";
import { identifier, type Database } from "./database.js";
import type { SqlColumn } from "./source-view.js";

/** Consecutive rows of a query as numbers. */
export interface RowBlock {
  /** Rows × D, row-major. */
  x: Floats;
  y: Floats;
  rows: number;
  /** Rows before it that were left out as invalid. */
  dropped: number;
}

/** What to stream. */
export interface RowQuery {
  /** The query, which has these columns among others. */
  query: string;
  features: readonly string[];
  /** Undefined where the rows have no target; it is NaN then. */
  target: string | undefined;
  /** Whether values are float64; otherwise all columns are FLOAT or narrower, and float32 holds them. */
  float64: boolean;
  /** What is done with missing values, NaN and what float32 has no finite number for. */
  invalid: "error" | "drop";
  /** What the rows are of, for errors. */
  source: string;
}

/** Rows of a block. */
const BLOCK_ROWS = 16_384;
/** Values of a block, at most. */
const BLOCK_VALUES = 2 ** 20;
/** The largest double that rounds to a finite float32 is just below this. */
const OVERFLOW = 2 ** 128 - 2 ** 103;

/** The types that float32 holds exactly. */
const NARROW = /^(?:FLOAT|BOOLEAN|U?TINYINT|U?SMALLINT)$/;

/** Whether some columns have a type whose values float32 rounds. */
export function needsFloat64(columns: readonly SqlColumn[]): boolean {
  return columns.some(({ type }) => !NARROW.test(type));
}

/**
 * The rows of a query, in its order, as numbers.
 *
 * @yields blocks, whose arrays are used again
 * @throws a failure that names the column and the row of an invalid value
 */
export async function* streamRows(
  database: Database,
  wanted: RowQuery,
): AsyncGenerator<RowBlock, void, void> {
  const { query, features, target, float64 } = wanted;
  const names = [...features, ...(target === undefined ? [] : [target])];
  const type = float64 ? "DOUBLE" : "FLOAT";
  const list = names.map((name) => `CAST(${identifier(name)} AS ${type})`).join(", ");
  const result = await database.stream(`SELECT ${list} FROM (${query}\n)`);
  const width = features.length;
  const most = Math.max(2048, Math.min(BLOCK_ROWS, Math.floor(BLOCK_VALUES / (width + 1))));
  const Values = float64 ? Float64Array : Float32Array;
  const block = { x: new Values(most * width), y: new Values(most).fill(NaN), rows: 0, dropped: 0 };
  let row = 0;
  for await (const chunk of chunks(database, result)) {
    const { rowCount } = chunk;
    if (block.rows + rowCount > most) {
      yield block;
      block.rows = 0;
      block.dropped = 0;
    }
    const invalid = fill(chunk, block, width, target !== undefined);
    if (invalid === undefined) block.rows += rowCount;
    else if (wanted.invalid === "error") throw invalidValue(chunk, names, wanted, invalid, row);
    else compact(block, rowCount, invalid.marks, width);
    row += rowCount;
  }
  if (block.rows > 0 || block.dropped > 0) yield block;
}

/**
 * The chunks of a result; the next one is fetched while one is in use. Errors are in vadi's words.
 *
 * @yields chunks of at most 2048 rows
 */
async function* chunks(
  database: Database,
  result: DuckDBResult,
): AsyncGenerator<DuckDBDataChunk, void, void> {
  const fetch = (): Promise<DuckDBDataChunk | null> => database.attempt(() => result.fetchChunk());
  let next = fetch();
  try {
    for (;;) {
      const chunk = await next;
      if (chunk === null || chunk.rowCount === 0) return;
      next = fetch();
      // Thrown above, or of no interest any more.
      next.catch(() => {});
      yield chunk;
    }
  } finally {
    await next.catch(() => {});
  }
}

/** The rows of a chunk that have an invalid value. */
interface Invalid {
  marks: Uint8Array;
  /** Of the first: its column, and its row in the chunk. */
  column: number;
  row: number;
}

/** Copies a chunk's columns behind the block's rows. */
function fill(
  chunk: DuckDBDataChunk,
  block: RowBlock,
  width: number,
  hasTarget: boolean,
): Invalid | undefined {
  const { rowCount } = chunk;
  let invalid: Invalid | undefined;
  for (let column = 0; column < width + (hasTarget ? 1 : 0); column++) {
    const { items, missing } = columnOf(chunk, column);
    const into = column === width ? block.y : block.x;
    const stride = column === width ? 1 : width;
    let at = column === width ? block.rows : block.rows * width + column;
    for (let row = 0; row < rowCount; row++, at += stride) {
      const value = items[row]!;
      into[at] = value;
      // Not for NaN.
      if (Math.abs(value) < OVERFLOW && (missing === undefined || !missing(row))) continue;
      invalid ??= { marks: new Uint8Array(rowCount), column, row };
      if (row < invalid.row) Object.assign(invalid, { column, row });
      invalid.marks[row] = 1;
    }
  }
  return invalid;
}

/** Moves the valid rows of the latest chunk together. */
function compact(block: RowBlock, rows: number, marks: Uint8Array, width: number): void {
  const { x, y } = block;
  const first = block.rows;
  for (let row = 0; row < rows; row++) {
    if (marks[row] === 1) {
      block.dropped++;
      continue;
    }
    const from = first + row;
    if (from !== block.rows) {
      x.copyWithin(block.rows * width, from * width, (from + 1) * width);
      y[block.rows] = y[from]!;
    }
    block.rows++;
  }
}

/** A chunk's column of floats, and which of its rows are null, where some are. */
export interface NumberColumn {
  items: Floats;
  missing: ((row: number) => boolean) | undefined;
}

export function columnOf(chunk: DuckDBDataChunk, column: number): NumberColumn {
  // The library offers values one by one; the arrays that they are in are private only by type.
  const vector = chunk.getColumnVector(column) as unknown as {
    items: Floats;
    validity: { data: BigUint64Array | null };
  };
  const { items, validity } = vector;
  return { items, missing: missingRows(validity.data, chunk.rowCount) };
}

/** Which rows are null by a bitmap of those that are not; undefined if none is. */
function missingRows(
  words: BigUint64Array | null,
  rows: number,
): ((row: number) => boolean) | undefined {
  if (words === null) return undefined;
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const whole = rows >> 3;
  const rest = (1 << (rows & 7)) - 1;
  let isFull = (bytes[whole]! & rest) === rest;
  for (let at = 0; at < whole && isFull; at++) isFull = bytes[at] === 255;
  return isFull ? undefined : (row) => ((bytes[row >> 3]! >> (row & 7)) & 1) === 0;
}

/** @param row number of the chunk's first row */
function invalidValue(
  chunk: DuckDBDataChunk,
  names: readonly string[],
  { source }: RowQuery,
  { column, row: within }: Invalid,
  row: number,
): Error {
  const { items, missing } = columnOf(chunk, column);
  const value = items[within]!;
  const what = missing?.(within) === true ? "missing or not a number" : describeNumber(value);
  const hint = names[column]!.startsWith("log_") ? ", and log(1 + a) needs a > -1" : "";
  return failure(
    (option) =>
      `Column ${names[column]} of ${source} is ${what} in row ${row + within + 1} (counted from 1${hint}); leave out such rows with ${option("invalid")} drop, fill in missing values with ${option("impute")}, or choose other columns with ${option("features")}.`,
  );
}

function describeNumber(value: number): string {
  if (Number.isNaN(value)) return "not a number";
  return Number.isFinite(value) ? `${plainNumber(value)}, too large for float32` : "infinite";
}
