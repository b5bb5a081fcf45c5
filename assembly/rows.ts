// Rows of features and noise. The four lanes of a vector are four consecutive rows.
// Counter layout: (block within the row, row low, row high, stream); key: the 64-bit seed.

import { cosine, philox, philoxTwo, radius, sine } from "./random";

/** Where the words of Philox blocks are left: two times four vectors. */
export const words: usize = memory.data(128, 16);

const STREAM_FEATURES: u32 = 0;
export const STREAM_NOISE: u32 = 1;
export const STREAM_SECOND_NOISE: u32 = 2;

/** Lanes: rows row … row+3, low halves. */
// @inline
export function rowsLow(row: u64): v128 {
  return i32x4(<i32>row, <i32>(row + 1), <i32>(row + 2), <i32>(row + 3));
}

/** Lanes: rows row … row+3, high halves. */
// @inline
export function rowsHigh(row: u64): v128 {
  return i32x4(
    <i32>(row >> 32),
    <i32>((row + 1) >> 32),
    <i32>((row + 2) >> 32),
    <i32>((row + 3) >> 32),
  );
}

/** The noise of a stream for the blocks of four rows whose words are at `from`: standard normals. */
// @inline
function noiseOf(from: usize): v128 {
  return f32x4.mul(radius(v128.load(from)), cosine(v128.load(from, 16)));
}

/** One normal a row for four rows: the first of the row's block 0 in a stream. */
// @inline
export function rowNoise(low: v128, high: v128, stream: u32): v128 {
  philox(i32x4.splat(0), low, high, i32x4.splat(stream), words);
  return noiseOf(words);
}

/** The normals of four rows' blocks whose words are at `from`, at most four of them, as features of a tile. */
// @inline
function storeNormals(from: usize, count: u32, to: usize): void {
  const r0 = radius(v128.load(from));
  const w1 = v128.load(from, 16);
  v128.store(to, f32x4.mul(r0, cosine(w1)));
  v128.store(to, f32x4.mul(r0, sine(w1)), 16);
  if (count > 2) {
    const r1 = radius(v128.load(from, 32));
    const w3 = v128.load(from, 48);
    v128.store(to, f32x4.mul(r1, cosine(w3)), 32);
    v128.store(to, f32x4.mul(r1, sine(w3)), 48);
  }
}

/**
 * The features of four rows: feature j of the lanes' rows at tile + 16·j. The tile has room for
 * a multiple of four features. Blocks are made two at a time, since the rounds of one wait for each
 * other; an odd one is made with the rows' noise.
 *
 * @returns the rows' noise, a standard normal each
 */
// @inline
export function rowFeaturesAndNoise(low: v128, high: v128, features: u32, tile: usize): v128 {
  const stream = i32x4.splat(STREAM_FEATURES);
  const blocks = (features + 3) >> 2;
  let block: u32 = 0;
  for (; block + 1 < blocks; block += 2) {
    philoxTwo(i32x4.splat(block), stream, i32x4.splat(block + 1), stream, low, high, words);
    const to = tile + 64 * <usize>block;
    storeNormals(words, 4, to);
    storeNormals(words + 64, features - 4 * (block + 1), to + 64);
  }
  if (block === blocks) return rowNoise(low, high, STREAM_NOISE);
  philoxTwo(
    i32x4.splat(block),
    stream,
    i32x4.splat(0),
    i32x4.splat(STREAM_NOISE),
    low,
    high,
    words,
  );
  storeNormals(words, features - 4 * block, tile + 64 * <usize>block);
  return noiseOf(words + 64);
}

/** Writes the first `valid` rows of a tile to x, row-major. */
// @inline
export function storeTile(tile: usize, features: u32, valid: u32, x: usize): void {
  const stride = <usize>features * 4;
  if (valid === 4) {
    const whole = features & ~3;
    let feature: u32 = 0;
    for (; feature < whole; feature += 4) {
      const from = tile + 16 * <usize>feature;
      const n0 = v128.load(from);
      const n1 = v128.load(from, 16);
      const n2 = v128.load(from, 32);
      const n3 = v128.load(from, 48);
      const a = v128.shuffle<i32>(n0, n1, 0, 4, 1, 5);
      const b = v128.shuffle<i32>(n0, n1, 2, 6, 3, 7);
      const c = v128.shuffle<i32>(n2, n3, 0, 4, 1, 5);
      const d = v128.shuffle<i32>(n2, n3, 2, 6, 3, 7);
      const to = x + 4 * <usize>feature;
      v128.store(to, v128.shuffle<i64>(a, c, 0, 2));
      v128.store(to + stride, v128.shuffle<i64>(a, c, 1, 3));
      v128.store(to + 2 * stride, v128.shuffle<i64>(b, d, 0, 2));
      v128.store(to + 3 * stride, v128.shuffle<i64>(b, d, 1, 3));
    }
    for (; feature < features; feature++) {
      const from = tile + 16 * <usize>feature;
      const to = x + 4 * <usize>feature;
      store<u32>(to, load<u32>(from));
      store<u32>(to + stride, load<u32>(from, 4));
      store<u32>(to + 2 * stride, load<u32>(from, 8));
      store<u32>(to + 3 * stride, load<u32>(from, 12));
    }
    return;
  }
  for (let row: u32 = 0; row < valid; row++) {
    for (let feature: u32 = 0; feature < features; feature++) {
      const value = load<u32>(tile + 16 * <usize>feature + 4 * <usize>row);
      store<u32>(x + <usize>row * stride + 4 * <usize>feature, value);
    }
  }
}
