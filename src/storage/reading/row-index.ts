import { partitionPoint } from "../../common/binary-search.js";
import { failure, type VadiError } from "../../common/errors.js";
import type { OpenFile } from "../format/open-file.js";
import type { ColumnReader, TableFile } from "../format/table-file.js";
import type { Floats, RandomAccessFile, ShardIndex } from "../format/types.js";
import { cachedBlock } from "./block-cache.js";
import { blocksOf, groupsOf, type Block, type Group } from "./blocks.js";
import {
  plainRows,
  readPlainRows,
  type CheckValues,
  type PlainRows,
  type RowRequest,
} from "./plain-rows.js";
import { spreadColumn, spreadColumns } from "./standardize.js";
import { firstInvalid, invalidValue, validRows } from "./valid-rows.js";

/** How the rows of a file are read. */
export interface RowReading {
  /** Identifies the columns and how they are read, for the cache. */
  key: string;
  /** Positions of the columns in the file, the target's last. */
  columns: readonly number[];
  nameOf: (column: number) => string;
  /** What is done with values that are no finite float32; `trust` for shards, which vadi checked when it wrote them. */
  invalid: "error" | "drop" | "trust";
  /** Whether residuals are read instead of values (see `ForeignReading`). */
  residuals: boolean;
  /** Rows that are decoded together. */
  mostRows: number;
  /** Where rows are dropped: how many rows of each block remain. */
  blockRows: Uint32Array | undefined;
}

/**
 * Finds the rows of a file. Those that can be read without decoding are read straight from the file,
 * others are decoded a block at a time.
 */
export function createRowIndex(file: OpenFile, table: TableFile, reading: RowReading): ShardIndex {
  const { residuals, mostRows } = reading;
  // No row is dropped and no value checked, so blocks make no difference to plain groups.
  const isTrusted = reading.invalid === "trust";
  const columns = table.select(reading.columns);
  const groups = remainingRows(groupsOf(table.groups, mostRows), reading);
  const plain = groups.map(({ number }) =>
    residuals ? undefined : plainRows(columns.plain(file, number)),
  );
  const key = `${reading.key} ${file.version}`;

  const readDecoded = async (
    opened: RandomAccessFile,
    block: Block,
    remaining: number,
    { from, rows, target, at, standardize }: RowRequest,
  ): Promise<void> => {
    const decoded = await cachedBlock(`${block.number} ${key}`, () =>
      decodeBlock(opened, columns, reading, block, remaining),
    );
    const x = decoded.slice(0, -1);
    spreadColumns(x, from, rows, target.x, at, standardize);
    spreadColumn(decoded.at(-1)!, from, rows, target.y, at, 1, x.length, standardize);
  };

  return {
    rows: groups.reduce((sum, { remaining }) => sum + remaining, 0),
    entries: table.entries + plain.reduce((sum, rows) => sum + 6 + positionsIn(rows), 0),
    async read(opened, first, rows, target, at, standardize) {
      const end = first + rows;
      // The group that holds the first row: the last one that starts at it or before.
      let number = Math.max(
        0,
        partitionPoint(groups.length, (index) => groups[index]!.start <= first) - 1,
      );
      for (; number < groups.length && groups[number]!.start < end; number++) {
        const group = groups[number]!;
        const trusted = isTrusted ? plain[number] : undefined;
        if (trusted !== undefined) {
          const from = Math.max(first, group.start);
          const count = Math.min(end, group.start + group.rows) - from;
          const skip = from - group.start;
          const request = { from: skip, rows: count, target, at: at + from - first, standardize };
          readPlainRows(opened, trusted, request, undefined);
          continue;
        }
        let { start } = group;
        for (const block of blocksOf(group, mostRows)) {
          const remaining = remainingIn(block, reading);
          const from = Math.max(first, start);
          const count = Math.min(end, start + remaining) - from;
          if (count > 0) {
            const isComplete = remaining === block.to - block.from;
            const inPlace = isComplete ? plain[group.number] : undefined;
            const request = { rows: count, target, at: at + from - first, standardize };
            const skip = from - start;
            if (inPlace === undefined) {
              await readDecoded(opened, block, remaining, { from: skip, ...request });
            } else {
              const check = checkPlain(file.path, reading, block);
              readPlainRows(opened, inPlace, { from: block.from + skip, ...request }, check);
            }
          }
          start += remaining;
        }
      }
    },
  };
}

/** A group, with the rows that have not been dropped: their number, and the number in the file of the first. */
interface RemainingGroup extends Group {
  remaining: number;
  start: number;
}

function remainingRows(
  groups: readonly Group[],
  { mostRows, blockRows }: RowReading,
): RemainingGroup[] {
  let start = 0;
  return groups.map((group) => {
    const { rows, firstBlock } = group;
    const remaining =
      blockRows === undefined
        ? rows
        : blockRows
            .subarray(firstBlock, firstBlock + Math.ceil(rows / mostRows))
            .reduce((sum, left) => sum + left, 0);
    start += remaining;
    return { ...group, remaining, start: start - remaining };
  });
}

function remainingIn({ number, from, to }: Block, { blockRows }: RowReading): number {
  return blockRows === undefined ? to - from : (blockRows[number] ?? 0);
}

/** Decodes the columns of a block, without rows that are dropped. */
async function decodeBlock(
  file: RandomAccessFile,
  reader: ColumnReader,
  { invalid, residuals, nameOf }: RowReading,
  { group, from, to, firstRow }: Block,
  remaining: number,
): Promise<Floats[]> {
  const { path } = file;
  const decoded = await reader.decode(file, group, from, to);
  if (invalid === "trust") {
    const column = decoded.findIndex(({ missing }) => missing !== undefined);
    if (column < 0) return decoded.map(({ values }) => values);
    throw failure(`${path} is damaged: its column ${nameOf(column)} has missing values.`);
  }
  const valid = validRows(decoded, to - from);
  if (valid !== undefined && invalid === "error") {
    const row = valid.indexOf(0);
    const column = decoded.findIndex(
      ({ values }) => firstInvalid(values.subarray(row, row + 1)) === 0,
    );
    throw invalidValue(path, nameOf(column), decoded[column]!, row, firstRow + row);
  }
  const rows = valid === undefined ? to - from : valid.reduce((sum, one) => sum + one, 0);
  if (rows !== remaining) throw changed(path);
  return decoded.map((column) => {
    const values = residuals
      ? (column.residuals ?? new Float64Array(column.values.length))
      : column.values;
    return valid === undefined ? values : values.filter((_, row) => valid[row] === 1);
  });
}

/** Checks the values of a block that is read without decoding, of which no row is dropped. */
function checkPlain(
  path: string,
  { invalid, nameOf }: RowReading,
  { firstRow, from }: Block,
): CheckValues | undefined {
  if (invalid === "trust") return undefined;
  return (values, row, firstColumn, width) => {
    const index = firstInvalid(values);
    if (index < 0) return;
    if (invalid === "drop") throw changed(path);
    const name = nameOf(firstColumn + (index % width));
    const fileRow = firstRow - from + row + Math.floor(index / width);
    throw invalidValue(path, name, { values: values.slice(index, index + 1) }, 0, fileRow);
  };
}

function changed(path: string): VadiError {
  return failure(`${path} has changed since it was opened; open it again.`);
}

/** Memory of the positions, in numbers. */
function positionsIn(rows: PlainRows | undefined): number {
  if (rows === undefined) return 0;
  return [...rows.x, rows.y].reduce((sum, { runs }) => sum + 3 * runs.length, 0);
}
