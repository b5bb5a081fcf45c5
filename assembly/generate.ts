// Rows of the synthetic datasets. The four lanes of a vector are four consecutive rows.
// Counter layout: (block within the row, row low, row high, stream); key: the 64-bit seed.

import { cosine, philox, radius, sigmoid, sine } from "./random";

/** Where `philox` leaves its four words. */
const words: usize = memory.data(64, 16);

const STREAM_FEATURES: u32 = 0;
const STREAM_NOISE: u32 = 1;
const STREAM_SECOND_NOISE: u32 = 2;

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

/** Lanes: rows row … row+3, low halves. */
// @ts-ignore: decorator
@inline
function rowsLow(row: u64): v128 {
  return i32x4(<i32>row, <i32>(row + 1), <i32>(row + 2), <i32>(row + 3));
}

/** Lanes: rows row … row+3, high halves. */
// @ts-ignore: decorator
@inline
function rowsHigh(row: u64): v128 {
  return i32x4(
    <i32>(row >> 32),
    <i32>((row + 1) >> 32),
    <i32>((row + 2) >> 32),
    <i32>((row + 3) >> 32),
  );
}

/** Stores the words of `groups` groups of four blocks one after the other: 16 words a group. */
function storeSequence(firstBlock: u32, groups: u32, seed: u64, row: u64, stream: u32, normal: bool, out: usize): void {
  const low = i32x4.splat(<i32>row);
  const high = i32x4.splat(<i32>(row >> 32));
  const last = i32x4.splat(stream);
  for (let group: u32 = 0; group < groups; group++) {
    const block = firstBlock + group * 4;
    philox(
      i32x4(block, block + 1, block + 2, block + 3),
      low,
      high,
      last,
      <u32>seed,
      <u32>(seed >> 32),
      words,
    );
    let w0 = v128.load(words);
    let w1 = v128.load(words, 16);
    let w2 = v128.load(words, 32);
    let w3 = v128.load(words, 48);
    if (normal) {
      const r0 = radius(w0);
      const r1 = radius(w2);
      w0 = f32x4.mul(r0, cosine(w1));
      w1 = f32x4.mul(r0, sine(w1));
      w2 = f32x4.mul(r1, cosine(w3));
      w3 = f32x4.mul(r1, sine(w3));
    }
    const a = v128.shuffle<i32>(w0, w1, 0, 4, 1, 5);
    const b = v128.shuffle<i32>(w0, w1, 2, 6, 3, 7);
    const c = v128.shuffle<i32>(w2, w3, 0, 4, 1, 5);
    const d = v128.shuffle<i32>(w2, w3, 2, 6, 3, 7);
    const to = out + <usize>group * 64;
    v128.store(to, v128.shuffle<i64>(a, c, 0, 2));
    v128.store(to, v128.shuffle<i64>(a, c, 1, 3), 16);
    v128.store(to, v128.shuffle<i64>(b, d, 0, 2), 32);
    v128.store(to, v128.shuffle<i64>(b, d, 1, 3), 48);
  }
}

/** 16·groups random words of one row of a stream, from block `firstBlock` on. */
export function randomWords(seed: f64, stream: u32, row: f64, firstBlock: u32, groups: u32, out: usize): void {
  storeSequence(firstBlock, groups, <u64>seed, <u64>row, stream, false, out);
}

/** 16·groups normals of one row of a stream, from block `firstBlock` on. */
export function randomNormals(seed: f64, stream: u32, row: f64, firstBlock: u32, groups: u32, out: usize): void {
  storeSequence(firstBlock, groups, <u64>seed, <u64>row, stream, true, out);
}

/** The published function itself: one block, for the known-answer vectors. */
export function philoxBlock(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, out: usize): void {
  philox(i32x4.splat(c0), i32x4.splat(c1), i32x4.splat(c2), i32x4.splat(c3), k0, k1, words);
  for (let j: usize = 0; j < 4; j++) store<u32>(out + 4 * j, load<u32>(words + 16 * j));
}

/** One normal a row for four rows: the first of the row's block 0 in a stream. */
// @ts-ignore: decorator
@inline
function rowNoise(low: v128, high: v128, seed: u64, stream: u32): v128 {
  philox(i32x4.splat(0), low, high, i32x4.splat(stream), <u32>seed, <u32>(seed >> 32), words);
  return f32x4.mul(radius(v128.load(words)), cosine(v128.load(words, 16)));
}

/**
 * The features of four rows: feature j of the lanes' rows at tile + 16·j. The tile has room for
 * a multiple of four features.
 */
// @ts-ignore: decorator
@inline
function rowFeatures(low: v128, high: v128, seed: u64, features: u32, tile: usize): void {
  const stream = i32x4.splat(STREAM_FEATURES);
  for (let feature: u32 = 0; feature < features; feature += 4) {
    philox(i32x4.splat(feature >> 2), low, high, stream, <u32>seed, <u32>(seed >> 32), words);
    const w1 = v128.load(words, 16);
    const w3 = v128.load(words, 48);
    const r0 = radius(v128.load(words));
    const r1 = radius(v128.load(words, 32));
    const to = tile + 16 * <usize>feature;
    v128.store(to, f32x4.mul(r0, cosine(w1)));
    v128.store(to, f32x4.mul(r0, sine(w1)), 16);
    v128.store(to, f32x4.mul(r1, cosine(w3)), 32);
    v128.store(to, f32x4.mul(r1, sine(w3)), 48);
  }
}

/** Writes the first `valid` rows of a tile to x, row-major. */
// @ts-ignore: decorator
@inline
function storeTile(tile: usize, features: u32, valid: u32, x: usize): void {
  const stride = <usize>features * 4;
  if (valid == 4) {
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

/**
 * Rows firstRow … firstRow+rows−1 of the linear model: y = Σ x_j·w_j + noise·ε, summed in float64 in
 * the order of the features and rounded once.
 * weights: D float64; tile: 16·(D rounded up to a multiple of 4) bytes; x: rows×D float32; y: rows float32.
 */
export function lsmRows(seed: f64, firstRow: f64, rows: u32, features: u32, noise: f64, weights: usize, tile: usize, x: usize, y: usize): void {
  const key = <u64>seed;
  const start = <u64>firstRow;
  const scale = f64x2.splat(noise);
  for (let done: u32 = 0; done < rows; done += 4) {
    const valid = min<u32>(4, rows - done);
    const low = rowsLow(start + done);
    const high = rowsHigh(start + done);
    rowFeatures(low, high, key, features, tile);
    storeTile(tile, features, valid, x + <usize>done * <usize>features * 4);
    let sumA = f64x2.splat(0);
    let sumB = f64x2.splat(0);
    for (let feature: u32 = 0; feature < features; feature++) {
      const value = v128.load(tile + 16 * <usize>feature);
      const weight = v128.load64_splat(weights + 8 * <usize>feature);
      sumA = f64x2.add(sumA, f64x2.mul(f64x2.promote_low_f32x4(value), weight));
      const upper = v128.shuffle<i64>(value, value, 1, 1);
      sumB = f64x2.add(sumB, f64x2.mul(f64x2.promote_low_f32x4(upper), weight));
    }
    const noises = rowNoise(low, high, key, STREAM_NOISE);
    const noisesUpper = v128.shuffle<i64>(noises, noises, 1, 1);
    sumA = f64x2.add(sumA, f64x2.mul(f64x2.promote_low_f32x4(noises), scale));
    sumB = f64x2.add(sumB, f64x2.mul(f64x2.promote_low_f32x4(noisesUpper), scale));
    const targets = v128.shuffle<i64>(
      f32x4.demote_f64x2_zero(sumA),
      f32x4.demote_f64x2_zero(sumB),
      0,
      2,
    );
    const to = y + 4 * <usize>done;
    if (valid == 4) v128.store(to, targets);
    else {
      v128.store(words, targets);
      for (let row: usize = 0; row < <usize>valid; row++) store<u32>(to + 4 * row, load<u32>(words + 4 * row));
    }
  }
}

/**
 * The two-layer-sigmoid rows, one pass of three (see docs/datasets.md for the formula):
 * pass 1 returns the largest first-layer value a = σ(X)W1 + noise·ε of these rows;
 * pass 2 the largest second-layer value σ(a/maximum1 − ½)·w2 + noise·ε′;
 * pass 3 writes x and y = that value / maximum2, and returns 0.
 * Sums are float32 in the order of the features and of the hidden units.
 * w1: 2D columns of D float32 each (the transpose); w2: 2D float32; tile: 16·(D rounded up to a
 * multiple of 4) bytes.
 */
export function twoLayerSigmoidRows(seed: f64, firstRow: f64, rows: u32, features: u32, noise: f32, w1: usize, w2: usize, maximum1: f32, maximum2: f32, pass: u32, tile: usize, x: usize, y: usize): f32 {
  const key = <u64>seed;
  const start = <u64>firstRow;
  const hidden = features * 2;
  const scale = f32x4.splat(noise);
  const lowest = f32x4.splat(-f32.MAX_VALUE);
  const stride = <usize>features * 4;
  let largest = lowest;
  for (let done: u32 = 0; done < rows; done += 4) {
    const valid = min<u32>(4, rows - done);
    const low = rowsLow(start + done);
    const high = rowsHigh(start + done);
    rowFeatures(low, high, key, features, tile);
    if (pass == 3) storeTile(tile, features, valid, x + <usize>done * stride);
    for (let feature: u32 = 0; feature < features; feature++) {
      const at = tile + 16 * <usize>feature;
      v128.store(at, sigmoid(v128.load(at)));
    }
    const firstNoise = f32x4.mul(scale, rowNoise(low, high, key, STREAM_NOISE));
    let largestHidden = lowest;
    let output = f32x4.splat(0);
    // Two columns at a time: their sums do not wait for each other. There is an even number of them.
    for (let column: u32 = 0; column < hidden; column += 2) {
      let left = f32x4.splat(0);
      let right = f32x4.splat(0);
      let weight = w1 + <usize>column * stride;
      let from = tile;
      for (let feature: u32 = 0; feature < features; feature++) {
        const value = v128.load(from);
        left = f32x4.add(left, f32x4.mul(value, v128.load32_splat(weight)));
        right = f32x4.add(right, f32x4.mul(value, v128.load32_splat(weight + stride)));
        weight += 4;
        from += 16;
      }
      left = f32x4.add(left, firstNoise);
      right = f32x4.add(right, firstNoise);
      if (pass == 1) {
        largestHidden = f32x4.max(largestHidden, f32x4.max(left, right));
      } else {
        const divisor = f32x4.splat(maximum1);
        const half = f32x4.splat(0.5);
        const at = w2 + 4 * <usize>column;
        left = sigmoid(f32x4.sub(f32x4.div(left, divisor), half));
        right = sigmoid(f32x4.sub(f32x4.div(right, divisor), half));
        output = f32x4.add(output, f32x4.mul(left, v128.load32_splat(at)));
        output = f32x4.add(output, f32x4.mul(right, v128.load32_splat(at + 4)));
      }
    }
    let result = largestHidden;
    if (pass != 1) {
      const secondNoise = f32x4.mul(scale, rowNoise(low, high, key, STREAM_SECOND_NOISE));
      result = f32x4.add(output, secondNoise);
    }
    if (pass == 3) result = f32x4.div(result, f32x4.splat(maximum2));
    if (valid < 4) {
      v128.store(words, result);
      for (let row: u32 = 0; row < 4; row++) {
        const value = load<f32>(words + 4 * <usize>row);
        if (row >= valid) store<f32>(words + 4 * <usize>row, -f32.MAX_VALUE);
        else if (pass == 3) store<f32>(y + 4 * <usize>(done + row), value);
      }
      result = v128.load(words);
    } else if (pass == 3) v128.store(y + 4 * <usize>done, result);
    if (pass != 3) largest = f32x4.max(largest, result);
  }
  if (pass == 3) return 0;
  const a = f32x4.extract_lane(largest, 0);
  const b = f32x4.extract_lane(largest, 1);
  const c = f32x4.extract_lane(largest, 2);
  const d = f32x4.extract_lane(largest, 3);
  return max<f32>(max<f32>(a, b), max<f32>(c, d));
}
