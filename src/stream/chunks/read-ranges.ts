import { interruption } from "../../common/errors.js";
import {
  openShard,
  type RowTarget,
  type ShardReader,
  type ShardSource,
} from "../../storage/reading/index.js";
import type { Staging } from "./bucket-shuffle.js";
import type { RangesToRead, RowRange } from "./tasks.js";

/** Bytes of rows that are read before they are scattered: they stay in a core's cache. */
const STAGING_BYTES = 256 * 1024;
/** Where rows are decoded or selected, reading about a row group at a time costs least. */
const DECODED_STAGING_BYTES = 4 * 1024 * 1024;

/** Whether rows are read as they lie in their files, without being decoded or selected. */
export function isPlain(shards: readonly ShardSource[]): boolean {
  return shards.every(({ format, selection }) => format === "arrow" && selection === undefined);
}

/** How many bytes of rows are best read at once. */
export function stagingBytes(shards: readonly ShardSource[]): number {
  return isPlain(shards) ? STAGING_BYTES : DECODED_STAGING_BYTES;
}

/** Throws an interruption once the flag is set. */
export function throwIfCancelled(cancel: SharedArrayBuffer | undefined): void {
  if (cancel !== undefined && Atomics.load(new Int32Array(cancel), 0) !== 0) throw interruption();
}

/** The most shards that a task holds open: a process may open about a thousand files, and has a task in every thread. */
const MOST_OPEN = 64;

/** Opens shards as they are needed, checks before closing them that they have not changed, and closes them. */
async function withReaders(
  { shards, cancel }: RangesToRead,
  work: (read: (range: RowRange, target: RowTarget, at: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const readers = new Map<number, ShardReader>();
  try {
    await work(async ({ shard, first, rows }, target, at) => {
      throwIfCancelled(cancel);
      let reader = readers.get(shard);
      if (reader === undefined) {
        const source = shards[shard];
        if (source === undefined) throw new Error(`There is no shard ${shard}.`);
        if (readers.size === MOST_OPEN) closeOldest(readers);
        reader = await openShard(source);
        readers.set(shard, reader);
      }
      await reader.read(first, rows, target, at);
    });
    for (const reader of readers.values()) reader.check();
  } finally {
    for (const reader of readers.values()) reader.close();
  }
}

function closeOldest(readers: Map<number, ShardReader>): void {
  const [[shard, reader] = []] = readers;
  if (shard === undefined || reader === undefined) return;
  readers.delete(shard);
  try {
    reader.check();
  } finally {
    reader.close();
  }
}

/** Reads all ranges into the arrays, one after the other. */
export function readRanges(task: RangesToRead, target: RowTarget): Promise<void> {
  return withReaders(task, async (read) => {
    let at = 0;
    for (const range of task.ranges) {
      await read(range, target, at);
      at += range.rows;
    }
  });
}

/**
 * Reads the ranges into a staging buffer, again and again.
 *
 * @param scatter is called with the rows in the buffer whenever it is full, and at the end
 */
export function readStaged(
  task: RangesToRead,
  { capacity, split }: Staging,
  scatter: (rows: number) => void,
): Promise<void> {
  return withReaders(task, async (read) => {
    let at = 0;
    for (const { shard, first, rows } of task.ranges) {
      for (let done = 0; done < rows;) {
        const count = Math.min(rows - done, capacity - at);
        await read({ shard, first: first + done, rows: count }, split, at);
        done += count;
        at += count;
        if (at === capacity) {
          scatter(at);
          at = 0;
        }
      }
    }
    if (at > 0) scatter(at);
  });
}
