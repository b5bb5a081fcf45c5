import { rowBytes, type RowTarget } from "../../storage/reading/index.js";
import type { Permute, Block } from "./types.js";
import { GROUP_WORDS, reserve } from "./kernel.js";

/*
 * Rows are shuffled in two steps: dealt at random to buckets, and each bucket permuted. One bucket
 * after the other, they are a uniform random permutation (Rao 1961, Sandelius 1962). Dealing writes
 * in order within every bucket, and a bucket fits a core's cache, so memory is hardly waited for.
 */

/** Rows of an inner bucket on average, at the most: 8192 of 44 bytes are 352 KiB. */
const INNER_ROWS = 8192;
/** A vector may read so much behind the last row. */
const MARGIN = 64;

interface Dealer {
  readonly block: Block;
  /** Deals the block's first rows, which are the next ones. */
  dealSplit(rows: number): void;
  dealPacked(rows: number): void;
}

/** Rows dealt by the bits of a dataset's row numbers. */
export interface RunDealer extends Dealer {
  /** Rows of each bucket. */
  readonly counts: Uint32Array;
  /** All rows, bucket after bucket, once they are dealt. */
  readonly sorted: Float32Array;
}

/** A chunk of rows that is permuted. */
export interface ChunkPermuter extends Dealer {
  /** Puts the rows, once all are dealt, in their order. */
  finish(target: RowTarget): void;
}

/** Starts of buckets from their counts, in place. */
function toStarts(counts: Uint32Array): void {
  let start = 0;
  for (const [bucket, count] of counts.entries()) {
    counts[bucket] = start;
    start += count;
  }
}

function blockRows(rows: number, features: number, blockBytes: number): number {
  return Math.max(1, Math.min(rows, Math.floor(blockBytes / rowBytes(features))));
}

function createDealer(
  rows: number,
  features: number,
  bits: number,
  random: Permute,
  blockBytes: number,
  more: readonly number[],
) {
  const bytes = rowBytes(features);
  const capacity = blockRows(rows, features, blockBytes);
  const { kernel, addresses } = reserve(
    [
      capacity * bytes + MARGIN,
      2 * Math.ceil(rows / GROUP_WORDS) * GROUP_WORDS,
      4 * 2 ** bits,
      rows * bytes + MARGIN,
      ...more,
    ],
    `A shuffle of ${rows} rows`,
  );
  const [at = 0, ids = 0, next = 0, dealt = 0, ...rest] = addresses;
  const { buffer } = kernel.memory;
  const nextRows = new Uint32Array(buffer, next, 2 ** bits);
  nextRows.fill(0);
  const { seed, stream, row, group = 0 } = random;
  kernel.drawBuckets(seed, stream, row, group, rows, bits, ids, next);
  const counts = nextRows.slice();
  toStarts(nextRows);
  let done = 0;
  const y = at + capacity * features * 4;
  return {
    kernel,
    buffer,
    counts,
    dealt,
    rest,
    dealer: {
      block: {
        capacity,
        split: {
          x: new Float32Array(buffer, at, capacity * features),
          y: new Float32Array(buffer, y, capacity),
        },
        packed: new Float32Array(buffer, at, capacity * (features + 1)),
      },
      dealSplit(count: number) {
        kernel.dealSplit(at, y, count, features, ids + 2 * done, next, dealt);
        done += count;
      },
      dealPacked(count: number) {
        kernel.dealPacked(at, count, features, ids + 2 * done, next, dealt);
        done += count;
      },
    } satisfies Dealer,
  };
}

/**
 * Deals a run of rows to 2^bits buckets. Row i's bucket depends on the random numbers and i alone.
 *
 * @param random its `group` stands for the run's first row
 */
export function createRunDealer(
  rows: number,
  features: number,
  bits: number,
  random: Permute,
  blockBytes: number,
): RunDealer {
  const { buffer, counts, dealt, dealer } = createDealer(
    rows,
    features,
    bits,
    random,
    blockBytes,
    [],
  );
  return { ...dealer, counts, sorted: new Float32Array(buffer, dealt, rows * (features + 1)) };
}

/** A uniformly random permutation of a chunk's rows, each order exactly equally likely. */
export function createChunkPermuter(
  rows: number,
  features: number,
  random: Permute,
  blockBytes: number,
): ChunkPermuter {
  const bits = Math.ceil(Math.log2(Math.max(1, rows / INNER_ROWS)));
  // How large the largest bucket is shows only when the rows are dealt; a chunk's share of them may
  // all fall into one.
  const bytes = rowBytes(features);
  const roomRows = bits === 0 ? rows : Math.min(rows, 2 * INNER_ROWS);
  const { kernel, buffer, counts, dealt, rest, dealer } = createDealer(
    rows,
    features,
    bits,
    random,
    blockBytes,
    [4 * rows, roomRows * bytes + MARGIN],
  );
  const [order = 0, out = 0] = rest;
  return {
    ...dealer,
    finish(target) {
      const { seed, stream, row } = random;
      let group = Math.ceil(rows / GROUP_WORDS);
      let start = 0;
      for (const count of counts) {
        group = kernel.permutation(seed, stream, row, group, count, order);
        // A part of the bucket at a time, should it be larger than the room for it.
        for (let done = 0; done < count; done += roomRows) {
          const part = Math.min(roomRows, count - done);
          const y = out + part * features * 4;
          kernel.gather(dealt + start * bytes, order + 4 * done, count, part, features, out, y);
          const at = start + done;
          target.x.set(new Float32Array(buffer, out, part * features), at * features);
          target.y.set(new Float32Array(buffer, y, part), at);
        }
        start += count;
      }
    },
  };
}
