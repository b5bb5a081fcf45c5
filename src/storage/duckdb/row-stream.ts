import type { DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { failure } from "../../common/errors.js";
import { plainNumber } from "../../common/text/numbers.js";
import type { Floats } from "../format/types.js";
import { identifier, type Database } from "./database.js";
import type { SqlColumn } from "./types.js";

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
/** The types that float32 holds exactly. */
const NARROW = /^(?:FLOAT|BOOLEAN|U?TINYINT|U?SMALLINT)$/;

/** Whether some columns have a type whose values float32 rounds. */
export function needsFloat64(columns: readonly SqlColumn[]): boolean {
  return columns.some(({ type }) => !NARROW.test(type));
}

/**
 * Starts a query, whose first rows DuckDB then computes, and gives its rows, in its order, as numbers: in blocks whose
 * arrays are used again. They throw a failure that names the column and the row of an invalid value.
 */
export async function startRows(
  database: Database,
  wanted: RowQuery,
): Promise<AsyncGenerator<RowBlock, void, void>> {
  const { query, float64 } = wanted;
  const names = columnsOf(wanted);
  const type = float64 ? "DOUBLE" : "FLOAT";
  const list = names.map((name) => `CAST(${identifier(name)} AS ${type})`).join(", ");
  return blocksOf(database, await database.stream(`SELECT ${list} FROM (${query}\n)`), wanted);
}

/** The features, and the target behind them if there is one. */
function columnsOf({ features, target }: RowQuery): string[] {
  return [...features, ...(target === undefined ? [] : [target])];
}

async function* blocksOf(
  database: Database,
  result: DuckDBResult,
  wanted: RowQuery,
): AsyncGenerator<RowBlock, void, void> {
  const { features, target, float64 } = wanted;
  const names = columnsOf(wanted);
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
  const count = width + (hasTarget ? 1 : 0);
  const columns = Array.from({ length: count }, (_, column) => columnOf(chunk, column));
  const items = columns.map((column) => column.items);
  let column = 0;
  let check = 0;
  const at = block.rows * width;
  for (; column + 4 <= width; column += 4) {
    const four = items.slice(column, column + 4);
    check += copyFour(four as [Floats, Floats, Floats, Floats], block.x, at + column, width);
  }
  for (; column < width; column++) check += copyOne(items[column]!, block.x, at + column, width);
  if (hasTarget) check += copyOne(items[width]!, block.y, block.rows, 1);
  if (check === 0 && columns.every(({ missing }) => missing === undefined)) return undefined;
  return findInvalid(columns, rowCount);
}

/**
 * Copies a column to every `stride`th number.
 *
 * @returns 0 if float32 has a finite number for each value, else NaN
 */
function copyOne(items: Floats, into: Floats, first: number, stride: number): number {
  let check = 0;
  for (let row = 0, at = first; row < items.length; row++, at += stride) {
    const value = items[row]!;
    into[at] = value;
    check += Math.fround(value) - Math.fround(value);
  }
  return check;
}

/** As `copyOne` four columns side by side, which takes half the time. */
function copyFour(
  [a, b, c, d]: [Floats, Floats, Floats, Floats],
  into: Floats,
  first: number,
  stride: number,
): number {
  let check = 0;
  for (let row = 0, at = first; row < a.length; row++, at += stride) {
    const one = a[row]!;
    const two = b[row]!;
    const three = c[row]!;
    const four = d[row]!;
    into[at] = one;
    into[at + 1] = two;
    into[at + 2] = three;
    into[at + 3] = four;
    check += Math.fround(one) - Math.fround(one) + (Math.fround(two) - Math.fround(two));
    check += Math.fround(three) - Math.fround(three) + (Math.fround(four) - Math.fround(four));
  }
  return check;
}

/** The invalid rows of a chunk's columns. */
function findInvalid(columns: readonly NumberColumn[], rows: number): Invalid | undefined {
  let invalid: Invalid | undefined;
  for (const [column, { items, missing }] of columns.entries()) {
    for (let row = 0; row < rows; row++) {
      if (missing?.(row) !== true && Number.isFinite(Math.fround(items[row]!))) continue;
      invalid ??= { marks: new Uint8Array(rows), column, row };
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
