import { closeSync, ftruncateSync, openSync, readSync } from "node:fs";
import { FIELD, RECORD } from "./event-records.js";
import { writeFully } from "../../files/write-fully.js";

const BYTES = RECORD * 8;
/** The fewest records of a sorted run that are in memory while runs are merged. */
const FEWEST = 32;
/** Records of a block that is handed out or written at once. */
const BLOCK = 4096;

/** Events in the order in which a line meets them. */
export interface EventSorter {
  /** Returns whether what was added before is now in the file, since the memory was full. */
  add(records: Float64Array): boolean;
  /** Records of each run in the file. */
  readonly runs: readonly number[];
  /** All records. */
  readonly count: number;
  /** Blocks of records, ascending in where their zones begin; of equal ones, in the order in which they were added. */
  sorted(): Generator<Float64Array, void, void>;
  close(): void;
}

/**
 * Sorts events, as many as memory holds; more are written to a file in sorted runs, which are merged.
 *
 * @param file is made when the memory is full
 * @param room records in memory
 * @param runs those that an interrupted job left in the file
 */
export function createEventSorter(
  file: string,
  room: number,
  runs: readonly number[] = [],
): EventSorter {
  const written = [...runs];
  let descriptor: number | undefined;
  let parts: Float64Array[] = [];
  let count = 0;

  function open(): number {
    if (descriptor === undefined) {
      descriptor = openSync(file, written.length > 0 ? "r+" : "w+");
      ftruncateSync(descriptor, totalOf(written) * BYTES);
    }
    return descriptor;
  }

  function spill(): void {
    const target = open();
    let at = totalOf(written) * BYTES;
    for (const block of inOrder(parts)) {
      const bytes = bytesOf(block);
      writeFully(target, bytes, at);
      at += bytes.length;
    }
    written.push(count);
    parts = [];
    count = 0;
  }

  return {
    runs: written,
    get count() {
      return totalOf(written) + count;
    },
    add(records) {
      const isFull = count > 0 && count + records.length / RECORD > room;
      if (isFull) spill();
      parts.push(records);
      count += records.length / RECORD;
      return isFull;
    },
    *sorted() {
      if (written.length === 0) return yield* inOrder(parts);
      if (count > 0) spill();
      yield* merged(open(), written, room);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, value) => sum + value, 0);
}

function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** @yields the records of parts in memory, sorted */
function* inOrder(parts: readonly Float64Array[]): Generator<Float64Array, void, void> {
  const count = totalOf(parts.map(({ length }) => length)) / RECORD;
  const keys = new Float64Array(count);
  const partOf = new Uint32Array(count);
  const places = new Uint32Array(count);
  let next = 0;
  for (const [index, part] of parts.entries()) {
    for (let at = 0; at < part.length; at += RECORD) {
      keys[next] = part[at + FIELD.from]!;
      partOf[next] = index;
      places[next++] = at;
    }
  }
  const order = Uint32Array.from(keys.keys()).toSorted((one, other) => keys[one]! - keys[other]!);
  for (let begin = 0; begin < count; begin += BLOCK) {
    const some = order.subarray(begin, begin + BLOCK);
    const block = new Float64Array(some.length * RECORD);
    for (const [index, event] of some.entries()) {
      const at = places[event]!;
      block.set(parts[partOf[event]!]!.subarray(at, at + RECORD), index * RECORD);
    }
    yield block;
  }
}

/** A run that is read block by block. */
interface Run {
  index: number;
  /** The next record of the file to read, and how many are left there. */
  next: number;
  left: number;
  block: Float64Array;
  at: number;
}

/** @yields the records of sorted runs, merged by a heap of their first ones */
function* merged(
  file: number,
  counts: readonly number[],
  room: number,
): Generator<Float64Array, void, void> {
  const size = Math.max(FEWEST, Math.floor(room / counts.length));
  let next = 0;
  const heap = counts.map((left, index): Run => {
    const run = { index, next, left, block: new Float64Array(0), at: 0 };
    next += left;
    refill(run, file, size);
    return run;
  });
  // A sorted array is a heap.
  heap.sort(compared);
  let block = new Float64Array(BLOCK * RECORD);
  let length = 0;
  while (heap.length > 0) {
    const run = heap[0]!;
    block.set(run.block.subarray(run.at, run.at + RECORD), length);
    length += RECORD;
    run.at += RECORD;
    if (run.at === run.block.length && !refill(run, file, size)) {
      heap[0] = heap.at(-1)!;
      heap.pop();
    }
    sink(heap);
    if (length < block.length) continue;
    yield block;
    block = new Float64Array(BLOCK * RECORD);
    length = 0;
  }
  if (length > 0) yield block.subarray(0, length);
}

/** Reads the next block of a run. Returns whether there was one. */
function refill(run: Run, file: number, size: number): boolean {
  const count = Math.min(size, run.left);
  if (count === 0) return false;
  run.block = new Float64Array(count * RECORD);
  const bytes = bytesOf(run.block);
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(file, bytes, done, bytes.length - done, run.next * BYTES + done);
    if (read === 0) throw new Error("The file of events is shorter than what was written to it.");
    done += read;
  }
  run.next += count;
  run.left -= count;
  run.at = 0;
  return true;
}

function compared(one: Run, other: Run): number {
  const difference = one.block[one.at + FIELD.from]! - other.block[other.at + FIELD.from]!;
  return difference === 0 ? one.index - other.index : difference;
}

/** Restores the order of a heap whose first element has grown. */
function sink(heap: Run[]): void {
  for (let at = 0; ;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && compared(heap[child]!, heap[least]!) < 0) least = child;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
