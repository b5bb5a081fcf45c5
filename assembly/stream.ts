// Permutations of rows. A row is D features and a target, one after the other ("packed"), or the
// features of many rows and then their targets ("split"), float32 throughout.
//
// Rows are permuted in two steps, so that hardly any access misses the cache: they are scattered at random
// to buckets, each a sequential stream of writes, and each bucket, small enough for a core's cache, is
// permuted by Fisher and Yates (Rao 1961, Sandelius 1962).

import { philox, setKey } from "./random";

/** Words of four blocks, which one call of `philox` makes. */
const GROUP: u32 = 16;
/** Words that `permutation` has not used yet. */
const words: usize = memory.data(64, 16);
/** Keeps the compiler from leaving out loads. */
let _touched: i32 = 0;

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * The 16 words of four blocks of one row of a stream, from block 4·group on: word j of block
 * 4·group + b is the one at 4·j + b. The key is the one that was set.
 */
// @inline
function groupWords(stream: u32, row: u64, group: u32, out: usize): void {
  const block = group * 4;
  philox(
    i32x4(block, block + 1, block + 2, block + 3),
    i32x4.splat(<i32>row),
    i32x4.splat(<i32>(row >> 32)),
    i32x4.splat(stream),
    out,
  );
}

/**
 * A bucket of 2^bits for each of some rows, by the top bits of a word each: from word 16·group on.
 *
 * @param ids 2 bytes a row, with room for a multiple of 16
 * @param counts 4 bytes a bucket, to which the rows are added
 */
export function drawBuckets(
  seed: f64,
  stream: u32,
  row: f64,
  group: u32,
  rows: u32,
  bits: u32,
  ids: usize,
  counts: usize,
): void {
  setKey(<u32>(<u64>seed), <u32>(<u64>seed >> 32));
  for (let first: u32 = 0; first < rows; first += GROUP, group++) {
    groupWords(stream, <u64>row, group, words);
    const count = min(GROUP, rows - first);
    for (let at: u32 = 0; at < count; at++) {
      // A shift by 32 would be no shift at all.
      const id = bits === 0 ? 0 : load<u32>(words + (at << 2)) >> (32 - bits);
      store<u16>(ids + ((first + at) << 1), <u16>id);
      const place = counts + (id << 2);
      store<u32>(place, load<u32>(place) + 1);
    }
  }
}

/** Copies `count` numbers, at least four: the last vector overlaps the one before. */
// @inline
function copyFour(from: usize, to: usize, count: u32): void {
  const last: usize = (<usize>(count - 4)) << 2;
  for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at));
  v128.store(to + last, v128.load(from + last));
}

// @inline
function copyFew(from: usize, to: usize, count: u32): void {
  for (let at: u32 = 0; at < count; at++) store<f32>(to + (at << 2), load<f32>(from + (at << 2)));
}

/**
 * Scatters split rows to their buckets, packed and in their order within a bucket.
 *
 * @param next 4 bytes a bucket: the index of its next row, which is advanced
 */
export function scatterSplit(
  x: usize,
  y: usize,
  rows: u32,
  features: u32,
  ids: usize,
  next: usize,
  out: usize,
): void {
  const wide: usize = (<usize>features) << 2;
  for (let row: u32 = 0; row < rows; row++) {
    const bucket = next + ((<usize>load<u16>(ids + (row << 1))) << 2);
    const place = load<u32>(bucket);
    store<u32>(bucket, place + 1);
    const to = out + <usize>place * (wide + 4);
    if (features >= 4) copyFour(x, to, features);
    else copyFew(x, to, features);
    store<f32>(to + wide, load<f32>(y + (row << 2)));
    x += wide;
  }
}

/** Scatters packed rows to their buckets: as `scatterSplit`. */
export function scatterPacked(
  from: usize,
  rows: u32,
  features: u32,
  ids: usize,
  next: usize,
  out: usize,
): void {
  const wide: usize = (<usize>features + 1) << 2;
  for (let row: u32 = 0; row < rows; row++) {
    const bucket = next + ((<usize>load<u16>(ids + (row << 1))) << 2);
    const place = load<u32>(bucket);
    store<u32>(bucket, place + 1);
    const to = out + <usize>place * wide;
    if (features >= 3) copyFour(from, to, features + 1);
    else copyFew(from, to, features + 1);
    from += wide;
  }
}

/**
 * A uniformly random permutation of 0 … count−1: Fisher and Yates's shuffle (Durstenfeld 1964) with
 * Lemire's unbiased bounded integers ("Fast random integer generation in an interval", 2019), so
 * that every order is exactly equally likely.
 *
 * @param group the words start with word 16·group of the row of the stream
 * @returns the group after the last one used
 */
export function permutation(
  seed: f64,
  stream: u32,
  row: f64,
  group: u32,
  count: u32,
  out: usize,
): u32 {
  setKey(<u32>(<u64>seed), <u32>(<u64>seed >> 32));
  for (let index: u32 = 0; index < count; index++) store<u32>(out + ((<usize>index) << 2), index);
  let used: u32 = GROUP;
  for (let choices = count; choices > 1; choices--) {
    let product: u64;
    for (;;) {
      if (used === GROUP) {
        groupWords(stream, <u64>row, group++, words);
        used = 0;
      }
      product = <u64>load<u32>(words + (used++ << 2)) * <u64>choices;
      // Words whose low half is below 2³² mod choices would make some choices likelier than others;
      // the remainder is smaller than choices, and costs a division only when it may matter.
      const low = <u32>product;
      if (low >= choices || low >= (0 - choices) % choices) break;
    }
    const chosen = out + ((<usize>(product >> 32)) << 2);
    const last = out + ((<usize>(choices - 1)) << 2);
    const swapped = load<u32>(chosen);
    store<u32>(chosen, load<u32>(last));
    store<u32>(last, swapped);
  }
  return group;
}

/**
 * The rows that `order` names among packed rows, split.
 *
 * @param all how many packed rows there are
 */
export function gather(
  from: usize,
  order: usize,
  all: u32,
  rows: u32,
  features: u32,
  x: usize,
  y: usize,
): void {
  const wide: usize = (<usize>features) << 2;
  // Read everything in order first, which the processor prefetches; the random accesses then hit the cache.
  const end = from + <usize>all * (wide + 4);
  let bits: i32 = 0;
  for (let at = from; at < end; at += 64) bits |= load<i32>(at);
  _touched = bits;
  for (let row: u32 = 0; row < rows; row++) {
    const source = from + <usize>load<u32>(order + ((<usize>row) << 2)) * (wide + 4);
    if (features >= 4) copyFour(source, x, features);
    else copyFew(source, x, features);
    store<f32>(y + ((<usize>row) << 2), load<f32>(source + wide));
    x += wide;
  }
}
