import { interruption } from "../../common/errors.js";
import {
  openShard,
  type RowTarget,
  type ShardReader,
  type ShardSource,
} from "../../storage/reading/index.js";
import type { Piece, Reading, Block } from "./types.js";
/** Bytes of a block of rows that are read before they are dealt: they stay in a core's cache. */
const BLOCK_BYTES = 256 * 1024;
/** Where rows are decoded or selected, a row group or so at a time costs least. */
const DECODED_BLOCK_BYTES = 4 * 1024 * 1024;

/** Bytes of rows that are best read at once. */
export function blockBytes(shards: readonly ShardSource[]): number {
  const isPlain = shards.every(
    ({ format, selection }) => format === "arrow" && selection === undefined,
  );
  return isPlain ? BLOCK_BYTES : DECODED_BLOCK_BYTES;
}

/** Throws an interruption once the flag is up. */
export function throwIfCancelled(cancel: SharedArrayBuffer | undefined): void {
  if (cancel !== undefined && Atomics.load(new Int32Array(cancel), 0) !== 0) throw interruption();
}

/** Opens shards as they are needed; at the end looks whether they are still the same, and closes them. */
async function withReaders(
  { shards, cancel }: Reading,
  work: (read: (piece: Piece, target: RowTarget, at: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const readers = new Map<number, ShardReader>();
  try {
    await work(async ({ shard, first, rows }, target, at) => {
      throwIfCancelled(cancel);
      let reader = readers.get(shard);
      if (reader === undefined) {
        const source = shards[shard];
        if (source === undefined) throw new Error(`There is no shard ${shard}.`);
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

/** Reads all pieces into the arrays, one after the other. */
export function readPieces(reading: Reading, target: RowTarget): Promise<void> {
  return withReaders(reading, async (read) => {
    let at = 0;
    for (const piece of reading.pieces) {
      await read(piece, target, at);
      at += piece.rows;
    }
  });
}

/** Reads the pieces a block at a time; `deal` is told how many rows the block holds. */
export function readBlocks(
  reading: Reading,
  { capacity, split }: Block,
  deal: (rows: number) => void,
): Promise<void> {
  return withReaders(reading, async (read) => {
    let at = 0;
    for (const { shard, first, rows } of reading.pieces) {
      for (let done = 0; done < rows;) {
        const count = Math.min(rows - done, capacity - at);
        await read({ shard, first: first + done, rows: count }, split, at);
        done += count;
        at += count;
        if (at === capacity) {
          deal(at);
          at = 0;
        }
      }
    }
    if (at > 0) deal(at);
  });
}
