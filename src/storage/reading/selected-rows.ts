import { partitionPoint } from "../../common/binary-search.js";
import { fillRandomWords, STREAMS } from "../../generate/index.js";
import { rowBytes } from "../format/shard-format.js";
import type { RowSelection, RowTarget, ShardReader } from "../format/types.js";

/** Rows of a block; the number of selected rows before each block is kept (4 bytes). */
const BLOCK_ROWS = 1024;
/** Bytes of rows that are read at once, before the selected ones are copied. */
const STEP_BYTES = 2 * 1024 * 1024;

const words = new Uint32Array(BLOCK_ROWS);
const members = new Uint8Array(BLOCK_ROWS);

/** Marks in `members` the selected ones of rows first … first+rows−1 of the shard; returns their number. */
function mark({ firstRow, splits }: RowSelection, first: number, rows: number): number {
  members.fill(1, 0, rows);
  const wanted = words.subarray(0, rows);
  for (const [level, { seed, from, to }] of splits.entries()) {
    fillRandomWords(wanted, seed, STREAMS.split, level, firstRow + first);
    for (let row = 0; row < rows; row++) {
      const word = wanted[row]!;
      if (word < from || word >= to) members[row] = 0;
    }
  }
  let count = 0;
  for (let row = 0; row < rows; row++) count += members[row]!;
  return count;
}

/** The number of selected rows of a shard. */
export function countSelected(selection: RowSelection): number {
  return countsBefore(selection).at(-1) ?? 0;
}

/** Selected rows before each block of BLOCK_ROWS rows, and in all blocks as the last entry. */
function countsBefore(selection: RowSelection): Uint32Array {
  const blocks = Math.ceil(selection.shardRows / BLOCK_ROWS);
  const counts = new Uint32Array(blocks + 1);
  for (let block = 0; block < blocks; block++) {
    const first = block * BLOCK_ROWS;
    const rows = Math.min(BLOCK_ROWS, selection.shardRows - first);
    counts[block + 1] = counts[block]! + mark(selection, first, rows);
  }
  return counts;
}

/** Counts of the selections that this thread has read from last: a window reads a shard many times. */
const remembered = new Map<string, Uint32Array>();
const REMEMBERED = 4096;

function rememberedCounts(selection: RowSelection): Uint32Array {
  const key = JSON.stringify(selection);
  let counts = remembered.get(key);
  if (counts === undefined) {
    counts = countsBefore(selection);
    remembered.set(key, counts);
    for (const first of remembered.keys()) {
      if (remembered.size <= REMEMBERED) break;
      remembered.delete(first);
    }
  }
  return counts;
}

/** The block that holds the selected row of this number. */
function blockOf(counts: Uint32Array, row: number): number {
  return partitionPoint(counts.length - 1, (block) => counts[block]! <= row) - 1;
}

/** The last reader's buffer, for the next one: a window opens many. */
let spare: RowTarget | undefined;

function takeBuffer(like: RowTarget, rows: number, features: number): RowTarget {
  const taken = spare;
  spare = undefined;
  if (
    taken !== undefined &&
    taken.x.constructor === like.x.constructor &&
    taken.x.length >= rows * features &&
    taken.y.length >= rows
  ) {
    return taken;
  }
  const Numbers = like.x instanceof Float64Array ? Float64Array : Float32Array;
  return { x: new Numbers(rows * features), y: new Numbers(rows) };
}

/** A reader of the selected rows only, numbered from 0 in file order. */
export function selectRows(
  reader: ShardReader,
  features: number,
  selection: RowSelection,
): ShardReader {
  const counts = rememberedCounts(selection);
  const stepRows = Math.max(
    1,
    Math.min(BLOCK_ROWS * 64, Math.floor(STEP_BYTES / rowBytes(features))),
  );
  return {
    rows: counts.at(-1) ?? 0,
    async read(first, rows, target, at) {
      if (rows === 0) return;
      const end = shardRowOf(selection, counts, first + rows - 1) + 1;
      const read = takeBuffer(target, stepRows, features);
      let to = at;
      for (let from = shardRowOf(selection, counts, first); from < end; from += stepRows) {
        const count = Math.min(stepRows, end - from);
        await reader.read(from, count, read, 0);
        to += copySelected(selection, from, count, features, read, target, to);
      }
      // After a failure, the buffer is left to the garbage collector.
      spare = read;
    },
    check: () => reader.check(),
    close: () => reader.close(),
  };
}

/** The number in the shard of a selected row. */
function shardRowOf(selection: RowSelection, counts: Uint32Array, row: number): number {
  const block = blockOf(counts, row);
  const first = block * BLOCK_ROWS;
  mark(selection, first, Math.min(BLOCK_ROWS, selection.shardRows - first));
  let left = row - counts[block]!;
  let index = 0;
  while (members[index] === 0 || left-- > 0) index++;
  return first + index;
}

/**
 * Copies the selected ones of some rows.
 *
 * @param from number in the shard of the first row in `source`
 * @param at row of the target that the first selected one becomes
 * @returns how many there were
 */
function copySelected(
  selection: RowSelection,
  from: number,
  rows: number,
  features: number,
  source: RowTarget,
  target: RowTarget,
  at: number,
): number {
  let to = at;
  for (let block = 0; block < rows; block += BLOCK_ROWS) {
    const length = Math.min(BLOCK_ROWS, rows - block);
    mark(selection, from + block, length);
    for (let row = 0; row < length; row++) {
      if (members[row] === 0) continue;
      copyRow(source, block + row, target, to, features);
      to++;
    }
  }
  return to - at;
}

function copyRow(
  source: RowTarget,
  row: number,
  target: RowTarget,
  to: number,
  features: number,
): void {
  target.y[to] = source.y[row]!;
  const from = row * features;
  // A call of `set` takes longer than a few assignments.
  if (features <= 32) {
    for (let feature = 0; feature < features; feature++) {
      target.x[to * features + feature] = source.x[from + feature]!;
    }
  } else target.x.set(source.x.subarray(from, from + features), to * features);
}
