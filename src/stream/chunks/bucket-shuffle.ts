import { rowBytes, type RowTarget } from "../../storage/reading/index.js";
import { GROUP_WORDS, reserve } from "./kernel.js";
import type { RandomSource } from "./tasks.js";

/*
 * Rows are shuffled in memory in two steps: they are scattered at random to buckets, and each bucket
 * is permuted. The buckets one after the other are a uniformly random permutation (Rao 1961, Sandelius
 * 1962). Scattering writes each bucket in order, and a bucket fits a core's cache, so that the
 * processor rarely waits for memory.
 */

/** Rows of an inner bucket on average, at most: 8192 of 44 bytes are 352 KiB. */
const INNER_ROWS = 8192;
/** Bytes behind the last row that a vector load may touch. */
const MARGIN = 64;

/** A buffer that rows are read into before they are scattered. */
export interface Staging {
  /** The most rows that it holds. */
  readonly capacity: number;
  /** The features of all its rows, then their targets. */
  readonly split: RowTarget;
  /** Row after row, each with its target, in the same memory. */
  readonly packed: Float32Array;
}

interface Buckets {
  readonly staging: Staging;
  /** Scatters the first rows in `staging.split`, which come after the rows scattered before. */
  scatterSplit(rows: number): void;
  /** The same for rows in `staging.packed`. */
  scatterPacked(rows: number): void;
}

/** Sorts rows by bucket. */
export interface Scatterer extends Buckets {
  /** Rows of each bucket. */
  readonly counts: Uint32Array;
  /** All rows, bucket after bucket, once they are scattered. */
  readonly sorted: Float32Array;
}

/** Permutes a chunk of rows. */
export interface Permuter extends Buckets {
  /** Writes the rows in their new order, once all are scattered. */
  finish(target: RowTarget): void;
}

/**
 * Sorts rows by bucket. Row i's bucket depends on the random numbers and i alone.
 *
 * @param bits there are 2^bits buckets
 * @param random its `group` is that of the first row
 */
export function createScatterer(
  rows: number,
  features: number,
  bits: number,
  random: RandomSource,
  stagingBytes: number,
): Scatterer {
  const { buckets, counts, buffer, sorted } = createBuckets(
    rows,
    features,
    bits,
    random,
    stagingBytes,
    [],
  );
  return { ...buckets, counts, sorted: new Float32Array(buffer, sorted, rows * (features + 1)) };
}

/** Permutes a chunk of rows, each order with exactly the same probability. */
export function createPermuter(
  rows: number,
  features: number,
  random: RandomSource,
  stagingBytes: number,
): Permuter {
  const bits = Math.ceil(Math.log2(Math.max(1, rows / INNER_ROWS)));
  // The size of the largest bucket is known only later; in theory it holds all rows.
  const bytes = rowBytes(features);
  const roomRows = bits === 0 ? rows : Math.min(rows, 2 * INNER_ROWS);
  const more = [4 * rows, roomRows * bytes + MARGIN];
  const { kernel, buckets, counts, buffer, sorted, rest } = createBuckets(
    rows,
    features,
    bits,
    random,
    stagingBytes,
    more,
  );
  const [order = 0, out = 0] = rest;
  return {
    ...buckets,
    finish(target) {
      const { seed, stream, row } = random;
      let group = Math.ceil(rows / GROUP_WORDS);
      let start = 0;
      for (const count of counts) {
        group = kernel.permutation(seed, stream, row, group, count, order);
        // A bucket that is larger than the room for it takes several turns.
        for (let done = 0; done < count; done += roomRows) {
          const part = Math.min(roomRows, count - done);
          const y = out + part * features * 4;
          kernel.gather(sorted + start * bytes, order + 4 * done, count, part, features, out, y);
          const at = start + done;
          target.x.set(new Float32Array(buffer, out, part * features), at * features);
          target.y.set(new Float32Array(buffer, y, part), at);
        }
        start += count;
      }
    },
  };
}

/**
 * Draws each row's bucket, and reserves the kernel's memory.
 *
 * @param more sizes of further buffers, in bytes
 * @returns besides the buckets: their `counts`, the addresses of the `sorted` rows and of the further
 *   buffers (`rest`), and the kernel's memory
 */
function createBuckets(
  rows: number,
  features: number,
  bits: number,
  random: RandomSource,
  stagingBytes: number,
  more: readonly number[],
) {
  const bytes = rowBytes(features);
  const capacity = Math.max(1, Math.min(rows, Math.floor(stagingBytes / bytes)));
  const sizes = [
    capacity * bytes + MARGIN,
    2 * Math.ceil(rows / GROUP_WORDS) * GROUP_WORDS,
    4 * 2 ** bits,
    rows * bytes + MARGIN,
    ...more,
  ];
  const { kernel, addresses } = reserve(sizes, `A shuffle of ${rows} rows`);
  const [x = 0, ids = 0, next = 0, sorted = 0, ...rest] = addresses;
  const { buffer } = kernel.memory;
  const nextRows = new Uint32Array(buffer, next, 2 ** bits).fill(0);
  const { seed, stream, row, group = 0 } = random;
  kernel.drawBuckets(seed, stream, row, group, rows, bits, ids, next);
  const counts = nextRows.slice();
  countsToStarts(nextRows);

  const y = x + capacity * features * 4;
  let done = 0;
  const buckets: Buckets = {
    staging: {
      capacity,
      split: {
        x: new Float32Array(buffer, x, capacity * features),
        y: new Float32Array(buffer, y, capacity),
      },
      packed: new Float32Array(buffer, x, capacity * (features + 1)),
    },
    scatterSplit(count) {
      kernel.scatterSplit(x, y, count, features, ids + 2 * done, next, sorted);
      done += count;
    },
    scatterPacked(count) {
      kernel.scatterPacked(x, count, features, ids + 2 * done, next, sorted);
      done += count;
    },
  };
  return { kernel, buckets, counts, buffer, sorted, rest };
}

/** Replaces the rows of each bucket by the number of its first row. */
function countsToStarts(counts: Uint32Array): void {
  let start = 0;
  for (const [bucket, count] of counts.entries()) {
    counts[bucket] = start;
    start += count;
  }
}
