import { failure } from "../../common/errors.js";
import type { RandomAccessFile, ShardIndex, ForeignReading } from "../format/types.js";
import {
  blocksOf,
  keptBlock,
  spreadRows,
  type Block,
  type DecodedBlock,
  type DecodedColumn,
} from "../format/decoded-block.js";
import type { Floats } from "../format/standardize.js";
import { OVERFLOW, type ForeignFile } from "../format/foreign-file.js";

/** Values that are decoded together: a block is at most so many, in whole rows. */
const BLOCK_VALUES = 2 ** 21;

/** The blocks of a file, in order. They depend on the number of columns and the file alone. */
export function foreignBlocks(groups: readonly number[], columns: number): Generator<Block> {
  return blocksOf(groups, Math.max(1, Math.floor(BLOCK_VALUES / columns)));
}

/** The places of named columns. */
export function placesOf(path: string, file: ForeignFile, names: readonly string[]): number[] {
  return names.map((name) => {
    const place = file.columns.findIndex((column) => column.name === name);
    const column = file.columns[place];
    if (column === undefined) throw failure(`${path} has no column ${name}.`);
    if (!column.numeric) {
      throw failure(`Column ${name} of ${path} is ${column.type}, which is not numeric.`);
    }
    return place;
  });
}

/** Which rows of some columns have only finite float32 numbers: 1 each, or undefined where all have. */
export function validRows(columns: readonly DecodedColumn[], rows: number): Uint8Array | undefined {
  let valid: Uint8Array | undefined;
  for (const { values } of columns) {
    for (let row = 0; row < rows; row++) {
      // False for NaN as well.
      if (Math.abs(values[row]!) < OVERFLOW) continue;
      valid ??= new Uint8Array(rows).fill(1);
      valid[row] = 0;
    }
  }
  return valid;
}

const NOT_A_NUMBER = "not a number";

/** What is wrong with the first invalid value. */
function invalidValue(
  path: string,
  names: readonly string[],
  columns: readonly DecodedColumn[],
  valid: Uint8Array,
  firstRow: number,
): Error {
  const row = valid.indexOf(0);
  const column = columns.findIndex(({ values }) => !(Math.abs(values[row]!) < OVERFLOW));
  const decoded = columns[column];
  const value = decoded?.values[row];
  const told = Number.isNaN(value) ? (decoded?.describe?.(row) ?? NOT_A_NUMBER) : String(value);
  const why = Number.isFinite(value) ? `${told}, too large for float32` : told;
  const where = decoded?.where?.(row) ?? `row ${firstRow + row} (counted from 0)`;
  return failure(
    `Column ${names[column]} of ${path} is ${why} in ${where}; drop such rows with --invalid drop, or choose other --features.`,
  );
}

function compact(values: Floats, valid: Uint8Array, rows: number): Floats {
  const kept = values instanceof Float32Array ? new Float32Array(rows) : new Float64Array(rows);
  for (let row = 0, to = 0; row < valid.length; row++) {
    if (valid[row] === 1) kept[to++] = values[row]!;
  }
  return kept;
}

/** Reads any rows of a foreign file, checked, cast and standardised. */
export function foreignIndex(
  path: string,
  version: string,
  file: ForeignFile,
  reading: ForeignReading,
): ShardIndex {
  const { columns: names, invalid, blockRows, residuals = false } = reading;
  const places = placesOf(path, file, names);
  const key = JSON.stringify([path, version, invalid, residuals, names]);
  const changed = (): Error => failure(`${path} has changed since it was opened; open it again.`);

  const load = (opened: RandomAccessFile, block: Block, number: number): Promise<DecodedBlock> =>
    keptBlock(`${number} ${key}`, async () => {
      const { group, from, to, firstRow } = block;
      const decoded = await file.decode(opened, group, from, to, places);
      const valid = validRows(decoded, to - from);
      if (valid !== undefined && invalid === "error") {
        throw invalidValue(path, names, decoded, valid, firstRow);
      }
      const rows = valid === undefined ? to - from : valid.reduce((sum, one) => sum + one, 0);
      if (blockRows !== undefined && rows !== blockRows[number]) throw changed();
      const columns = decoded.map(({ values, residuals: rest }) => {
        const read = residuals ? (rest ?? new Float64Array(values.length)) : values;
        return valid === undefined ? read : compact(read, valid, rows);
      });
      return { columns, rows };
    });

  const total =
    blockRows === undefined
      ? file.groups.reduce((sum, rows) => sum + rows, 0)
      : blockRows.reduce((sum, rows) => sum + rows, 0);
  return {
    rows: total,
    entries: file.entries,
    async read(opened, first, rows, target, at, standardize) {
      let start = 0;
      let number = 0;
      for (const block of foreignBlocks(file.groups, names.length)) {
        if (start >= first + rows) return;
        const length = blockRows === undefined ? block.to - block.from : blockRows[number];
        if (length === undefined) throw changed();
        const from = Math.max(first, start);
        const to = Math.min(first + rows, start + length);
        if (from < to) {
          const loaded = await load(opened, block, number);
          const put = at + from - first;
          spreadRows(loaded.columns, from - start, to - from, target, put, standardize);
        }
        start += length;
        number++;
      }
    },
  };
}
