import type { PlainColumn } from "../format/table-file.js";
import type { Floats, RandomAccessFile, RowTarget, ColumnScales } from "../format/types.js";
import { spreadColumns, standardizeRows } from "./standardize.js";

/** Values that are read at once: 4 MiB of float32, more only for very wide rows. */
const SLICE_VALUES = 1024 * 1024;

const ARRAYS = { float32: Float32Array, float64: Float64Array } as const;

/** Where the rows of a group are in the file, if none of its columns must be decoded. */
export interface PlainRows {
  /** The features: a column each, or all in one fixed-size list. */
  x: readonly PlainColumn[];
  y: PlainColumn;
}

/** Rows to read. */
export interface RowRequest {
  /** Number in the group of the first row. */
  from: number;
  rows: number;
  target: RowTarget;
  /** Row of the target that the first row becomes. */
  at: number;
  standardize: ColumnScales | undefined;
}

/**
 * Gets values before they are standardised, to throw if one is invalid.
 *
 * @param firstRow number in the group of the first value's row
 * @param firstColumn of the first value; the target is column D
 * @param width values a row
 */
export type CheckValues = (
  values: Floats,
  firstRow: number,
  firstColumn: number,
  width: number,
) => void;

/** Divides plain columns into features and target; undefined where two lists, or a list and columns, are the features. */
export function plainRows(columns: readonly PlainColumn[] | undefined): PlainRows | undefined {
  const x = columns?.slice(0, -1) ?? [];
  const y = columns?.at(-1);
  if (y?.width !== 1 || x.length === 0) return undefined;
  return x.length === 1 || x.every(({ width }) => width === 1) ? { x, y } : undefined;
}

/** Reads rows straight from the file. Values in the order of the target are read into it without a copy. */
export function readPlainRows(
  file: RandomAccessFile,
  { x, y }: PlainRows,
  { from, rows, target, at, standardize }: RowRequest,
  check: CheckValues | undefined,
): void {
  const features = x.length === 1 ? x[0]!.width : x.length;
  const slice = Math.max(1, Math.floor(SLICE_VALUES / (features + 1)));
  for (let done = 0; done < rows; done += slice) {
    const count = Math.min(slice, rows - done);
    const request = { from: from + done, rows: count, target, at: at + done, standardize };
    if (x.length === 1) readInOrder(file, x[0]!, 0, request, target.x, check);
    else readColumns(file, x, request, check);
    readInOrder(file, y, features, request, target.y, check);
  }
}

/** Reads a column, or a list that has all columns of the target. */
function readInOrder(
  file: RandomAccessFile,
  column: PlainColumn,
  firstColumn: number,
  { from, rows, at, standardize }: RowRequest,
  target: Floats,
  check: CheckValues | undefined,
): void {
  const { type, width } = column;
  const part = target.subarray(at * width, (at + rows) * width);
  const isSame = part instanceof ARRAYS[type];
  const values = isSame ? part : scratchArrays([type], rows * width)[0]!;
  readRuns(file, column, from, rows, values);
  check?.(values, from, firstColumn, width);
  // Standardised where the values are float64, so that they are rounded once.
  if (!isSame && part instanceof Float64Array) part.set(values);
  const standardized = part instanceof Float64Array ? part : values;
  if (standardize !== undefined) {
    standardizeRows(standardized, 0, rows, width, firstColumn, standardize);
  }
  if (standardized !== part) part.set(standardized);
}

/** Reads columns into arrays of their own, and spreads them into rows. */
function readColumns(
  file: RandomAccessFile,
  columns: readonly PlainColumn[],
  { from, rows, target, at, standardize }: RowRequest,
  check: CheckValues | undefined,
): void {
  const types = columns.map(({ type }) => type);
  const arrays = scratchArrays(types, rows);
  for (const [index, column] of columns.entries()) {
    const values = arrays[index]!;
    readRuns(file, column, from, rows, values);
    check?.(values, from, index, 1);
  }
  spreadColumns(arrays, 0, rows, target.x, at, standardize);
}

/** Reads `rows` rows from row `from` of the group on. */
function readRuns(
  file: RandomAccessFile,
  { width, runs }: PlainColumn,
  from: number,
  rows: number,
  values: Floats,
): void {
  const rowBytes = width * values.BYTES_PER_ELEMENT;
  for (const run of runs) {
    const begin = Math.max(from, run.firstRow);
    const end = Math.min(from + rows, run.firstRow + run.rows);
    if (begin >= end) continue;
    const offset = values.byteOffset + (begin - from) * rowBytes;
    const bytes = new Uint8Array(values.buffer, offset, (end - begin) * rowBytes);
    file.readInto(bytes, run.position + (begin - run.firstRow) * rowBytes);
  }
}

/** Memory for columns on their way to rows; kept from one read to the next, and grown to the largest. */
let scratch = new ArrayBuffer(0);

/** Arrays of `length` values, valid until the next call. */
function scratchArrays(types: readonly PlainColumn["type"][], length: number): Floats[] {
  const bytes = (type: PlainColumn["type"]): number =>
    Math.ceil((length * ARRAYS[type].BYTES_PER_ELEMENT) / 8) * 8;
  const needed = types.reduce((sum, type) => sum + bytes(type), 0);
  if (scratch.byteLength < needed) scratch = new ArrayBuffer(needed);
  let offset = 0;
  return types.map((type) => {
    const array = new ARRAYS[type](scratch, offset, length);
    offset += bytes(type);
    return array;
  });
}
