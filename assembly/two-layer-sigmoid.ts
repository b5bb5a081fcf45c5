// The two-layer-sigmoid rows (see docs/datasets.md for the formula), eight at a time: two tiles of
// four. Sums are float32 in the order of the features and of the hidden units.
//
// The passes for the two maxima make every row again, but work out only what may be the maximum: a
// cheap bound from above rules out the rest. What remains is computed exactly as the rows are.
//
// Common parameters: w1, the 2D columns of W1, D float32 each (the transpose), filled up to a multiple of
// four columns; w2, as many float32, zero where it is filled up; tile: 2 × 16·(D rounded up to a
// multiple of 4) bytes.

import { setKey, sigmoid } from "./random";
import {
  rowFeaturesAndNoise,
  rowNoise,
  rowsHigh,
  rowsLow,
  STREAM_SECOND_NOISE,
  storeTile,
} from "./rows";

/** First-layer values of four columns: the first tile's rows and the second's, column by column. */
const sums: usize = memory.data(128, 16);
/** Second-layer values of the two tiles' rows. */
const results: usize = memory.data(32, 16);

/** Noise of rows that are not wanted, which can then have no maximum. */
const NEVER: f32 = -f32.MAX_VALUE;
/** More than the rounding of a sum of two numbers, relative to the larger. */
const ROUNDING: f32 = 2e-6;

/** Bytes of a tile. */
// @ts-ignore: decorator
@inline
function tileBytes(features: u32): usize {
  return <usize>(((features + 3) >> 2) << 6);
}

/** Replaces the features of a tile by their logistic function. */
// @ts-ignore: decorator
@inline
function sigmoidTile(tile: usize, features: u32): void {
  for (let feature: u32 = 0; feature < features; feature++) {
    const at = tile + 16 * <usize>feature;
    v128.store(at, sigmoid(v128.load(at)));
  }
}

/** The values of the first `valid` lanes (none or fewer below 1), and NEVER in the others. */
// @ts-ignore: decorator
@inline
function onlyValid(values: v128, valid: i32): v128 {
  return v128.bitselect(
    values,
    f32x4.splat(NEVER),
    i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(valid)),
  );
}

/** A little more than the noise, for bounds from above. */
// @ts-ignore: decorator
@inline
function above(noise: v128): v128 {
  return f32x4.add(noise, f32x4.mul(f32x4.abs(noise), f32x4.splat(ROUNDING)));
}

/** First-layer values of four columns from `weights` on. */
// @ts-ignore: decorator
@inline
function sumColumns(weights: usize, features: u32, tile: usize, noiseA: v128, noiseB: v128): void {
  const stride = <usize>features * 4;
  const second = tileBytes(features);
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let from = tile;
  const end = weights + stride;
  for (let weight = weights; weight < end; weight += 4) {
    const valueA = v128.load(from);
    const valueB = v128.load(from + second);
    const w0 = v128.load32_splat(weight);
    const w1 = v128.load32_splat(weight + stride);
    const w2 = v128.load32_splat(weight + 2 * stride);
    const w3 = v128.load32_splat(weight + 3 * stride);
    a0 = f32x4.add(a0, f32x4.mul(valueA, w0));
    b0 = f32x4.add(b0, f32x4.mul(valueB, w0));
    a1 = f32x4.add(a1, f32x4.mul(valueA, w1));
    b1 = f32x4.add(b1, f32x4.mul(valueB, w1));
    a2 = f32x4.add(a2, f32x4.mul(valueA, w2));
    b2 = f32x4.add(b2, f32x4.mul(valueB, w2));
    a3 = f32x4.add(a3, f32x4.mul(valueA, w3));
    b3 = f32x4.add(b3, f32x4.mul(valueB, w3));
    from += 16;
  }
  v128.store(sums, f32x4.add(a0, noiseA));
  v128.store(sums, f32x4.add(b0, noiseB), 16);
  v128.store(sums, f32x4.add(a1, noiseA), 32);
  v128.store(sums, f32x4.add(b1, noiseB), 48);
  v128.store(sums, f32x4.add(a2, noiseA), 64);
  v128.store(sums, f32x4.add(b2, noiseB), 80);
  v128.store(sums, f32x4.add(a3, noiseA), 96);
  v128.store(sums, f32x4.add(b3, noiseB), 112);
}

/** Leaves Σ σ(a/maximum1 − ½)·w2 of the rows in `results`. */
function secondLayer(w1: usize, w2: usize, features: u32, tile: usize, noiseA: v128, noiseB: v128, maximum1: f32): void {
  const hidden: u32 = features * 2;
  const groupBytes: usize = <usize>features * 16;
  const divisor = f32x4.splat(maximum1);
  const half = f32x4.splat(0.5);
  let outputA = f32x4.splat(0);
  let outputB = outputA;
  let weights = w1;
  for (let column: u32 = 0; column < hidden; column += 4) {
    sumColumns(weights, features, tile, noiseA, noiseB);
    weights += groupBytes;
    for (let next: usize = 0; next < 4; next++) {
      const at = sums + 32 * next;
      const a = sigmoid(f32x4.sub(f32x4.div(v128.load(at), divisor), half));
      const b = sigmoid(f32x4.sub(f32x4.div(v128.load(at, 16), divisor), half));
      const weight = v128.load32_splat(w2 + 4 * (<usize>column + next));
      outputA = f32x4.add(outputA, f32x4.mul(a, weight));
      outputB = f32x4.add(outputB, f32x4.mul(b, weight));
    }
  }
  v128.store(results, outputA);
  v128.store(results, outputB, 16);
}

/** The largest lane. */
// @ts-ignore: decorator
@inline
function largestLane(v: v128): f32 {
  return max<f32>(
    max<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/**
 * The largest first-layer value a = σ(X)W1 + noise·ε of some rows, or `atLeast` where that is larger.
 *
 * columns: as w1, but in falling order of their bounds and filled up with the last; bounds: one
 * float32 a column, which its sum without noise cannot pass (σ lies between 0 and 1).
 */
export function firstLayerMaximum(seed: f64, firstRow: f64, rows: u32, features: u32, noise: f32, columns: usize, bounds: usize, atLeast: f32, tile: usize): f32 {
  const key = <u64>seed;
  setKey(<u32>key, <u32>(key >> 32));
  const start = <u64>firstRow;
  const hidden: u32 = features * 2;
  const groupBytes: usize = <usize>features * 16;
  const scale = f32x4.splat(noise);
  const second = tileBytes(features);
  let largest = f32x4.splat(atLeast);
  for (let done: u32 = 0; done < rows; done += 8) {
    const left = <i32>(rows - done);
    const row = start + done;
    let noiseA = rowFeaturesAndNoise(rowsLow(row), rowsHigh(row), features, tile);
    let noiseB = rowFeaturesAndNoise(rowsLow(row + 4), rowsHigh(row + 4), features, tile + second);
    noiseA = onlyValid(f32x4.mul(scale, noiseA), left);
    noiseB = onlyValid(f32x4.mul(scale, noiseB), left - 4);
    const noiseAbove = above(f32x4.pmax(noiseA, noiseB));
    let isReady = false;
    let weights = columns;
    for (let column: u32 = 0; column < hidden; column += 4) {
      const bound = f32x4.add(v128.load32_splat(bounds + 4 * <usize>column), noiseAbove);
      if (!v128.any_true(f32x4.ge(bound, largest))) break;
      if (!isReady) {
        sigmoidTile(tile, features);
        sigmoidTile(tile + second, features);
        isReady = true;
      }
      sumColumns(weights, features, tile, noiseA, noiseB);
      weights += groupBytes;
      let most = f32x4.pmax(v128.load(sums), v128.load(sums, 16));
      most = f32x4.pmax(most, f32x4.pmax(v128.load(sums, 32), v128.load(sums, 48)));
      most = f32x4.pmax(most, f32x4.pmax(v128.load(sums, 64), v128.load(sums, 80)));
      most = f32x4.pmax(most, f32x4.pmax(v128.load(sums, 96), v128.load(sums, 112)));
      if (v128.any_true(f32x4.gt(most, largest))) {
        largest = f32x4.splat(largestLane(f32x4.pmax(most, largest)));
      }
    }
  }
  return f32x4.extract_lane(largest, 0);
}

/**
 * σ(z) − ½ within 3·10⁻⁴ for |z| ≤ 3: a minimax polynomial, z² given.
 */
// @ts-ignore: decorator
@inline
function nearSigmoid(z: v128, square: v128): v128 {
  let p = f32x4.splat(-4.596168968434329e-5);
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(1.3533461933259918e-3));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(-1.9391116848903312e-2));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(0.24917914893564544));
  return f32x4.mul(p, z);
}

/**
 * The largest second-layer value σ(a/maximum1 − ½)·w2 + noise·ε′ of some rows, or `atLeast` where that
 * is larger. Rows whose value cannot pass the largest are not computed: first by a bound that is linear
 * in the logistic function of the features and in ε, which rules out nearly all, then by a polynomial in
 * place of σ.
 *
 * slopes: D float32, the bound's factors of the features; noiseSlope: that of noise·ε; intercept: the bound's
 * constant, its rounding included; halfSum: ½Σw2; error: what a value by the polynomial may be wrong by.
 */
export function secondLayerMaximum(seed: f64, firstRow: f64, rows: u32, features: u32, noise: f32, w1: usize, w2: usize, maximum1: f32, slopes: usize, noiseSlope: f32, intercept: f32, halfSum: f32, error: f32, atLeast: f32, tile: usize): f32 {
  const key = <u64>seed;
  setKey(<u32>key, <u32>(key >> 32));
  const start = <u64>firstRow;
  const hidden: u32 = features * 2;
  const groupBytes: usize = <usize>features * 16;
  const scale = f32x4.splat(noise);
  const second = tileBytes(features);
  const inverse = f32x4.splat(1 / maximum1);
  const half = f32x4.splat(0.5);
  const limit = f32x4.splat(9);
  const offset = f32x4.splat(halfSum + error);
  const linear = f32x4.splat(intercept);
  const linearNoise = f32x4.splat(noiseSlope);
  let largest = f32x4.splat(atLeast);
  for (let done: u32 = 0; done < rows; done += 8) {
    const left = <i32>(rows - done);
    const row = start + done;
    const low = rowsLow(row);
    const high = rowsHigh(row);
    const lowB = rowsLow(row + 4);
    const highB = rowsHigh(row + 4);
    const noiseA = f32x4.mul(scale, rowFeaturesAndNoise(low, high, features, tile));
    const noiseB = f32x4.mul(scale, rowFeaturesAndNoise(lowB, highB, features, tile + second));
    const secondA = onlyValid(f32x4.mul(scale, rowNoise(low, high, STREAM_SECOND_NOISE)), left);
    const secondB = onlyValid(f32x4.mul(scale, rowNoise(lowB, highB, STREAM_SECOND_NOISE)), left - 4);
    sigmoidTile(tile, features);
    sigmoidTile(tile + second, features);
    let boundA = f32x4.add(linear, f32x4.mul(linearNoise, noiseA));
    let boundB = f32x4.add(linear, f32x4.mul(linearNoise, noiseB));
    for (let feature: u32 = 0; feature < features; feature++) {
      const at = tile + 16 * <usize>feature;
      const slope = v128.load32_splat(slopes + 4 * <usize>feature);
      boundA = f32x4.add(boundA, f32x4.mul(slope, v128.load(at)));
      boundB = f32x4.add(boundB, f32x4.mul(slope, v128.load(at + second)));
    }
    const ruledOut = v128.and(
      f32x4.lt(f32x4.add(boundA, above(secondA)), largest),
      f32x4.lt(f32x4.add(boundB, above(secondB)), largest),
    );
    if (i32x4.all_true(ruledOut)) continue;
    let nearA = offset;
    let nearB = offset;
    let widest = f32x4.splat(0);
    let weights = w1;
    for (let column: u32 = 0; column < hidden; column += 4) {
      sumColumns(weights, features, tile, noiseA, noiseB);
      weights += groupBytes;
      for (let next: usize = 0; next < 4; next++) {
        const at = sums + 32 * next;
        const a = f32x4.sub(f32x4.mul(v128.load(at), inverse), half);
        const b = f32x4.sub(f32x4.mul(v128.load(at, 16), inverse), half);
        const squareA = f32x4.mul(a, a);
        const squareB = f32x4.mul(b, b);
        widest = f32x4.pmax(widest, f32x4.pmax(squareA, squareB));
        const weight = v128.load32_splat(w2 + 4 * (<usize>column + next));
        nearA = f32x4.add(nearA, f32x4.mul(nearSigmoid(a, squareA), weight));
        nearB = f32x4.add(nearB, f32x4.mul(nearSigmoid(b, squareB), weight));
      }
    }
    const below = v128.and(
      f32x4.lt(f32x4.add(nearA, above(secondA)), largest),
      f32x4.lt(f32x4.add(nearB, above(secondB)), largest),
    );
    // What is no number is not below either.
    if (i32x4.all_true(v128.and(below, f32x4.le(widest, limit)))) continue;
    secondLayer(w1, w2, features, tile, noiseA, noiseB, maximum1);
    const most = f32x4.pmax(
      f32x4.add(v128.load(results), secondA),
      f32x4.add(v128.load(results, 16), secondB),
    );
    if (v128.any_true(f32x4.gt(most, largest))) {
      largest = f32x4.splat(largestLane(f32x4.pmax(most, largest)));
    }
  }
  return f32x4.extract_lane(largest, 0);
}

/** Stores the first `valid` lanes. */
// @ts-ignore: decorator
@inline
function storeTargets(values: v128, valid: u32, y: usize): void {
  if (valid == 4) v128.store(y, values);
  else {
    v128.store(results, values);
    for (let row: usize = 0; row < <usize>valid; row++) store<u32>(y + 4 * row, load<u32>(results + 4 * row));
  }
}

/** Rows firstRow … firstRow+rows−1: x, rows×D float32, and y = second-layer value / maximum2, rows float32. */
export function twoLayerSigmoidRows(seed: f64, firstRow: f64, rows: u32, features: u32, noise: f32, w1: usize, w2: usize, maximum1: f32, maximum2: f32, tile: usize, x: usize, y: usize): void {
  const key = <u64>seed;
  setKey(<u32>key, <u32>(key >> 32));
  const start = <u64>firstRow;
  const scale = f32x4.splat(noise);
  const second = tileBytes(features);
  const stride = <usize>features * 4;
  const divisor = f32x4.splat(maximum2);
  for (let done: u32 = 0; done < rows; done += 8) {
    const validA = min<u32>(4, rows - done);
    const validB = rows - done > 4 ? min<u32>(4, rows - done - 4) : 0;
    const row = start + done;
    const low = rowsLow(row);
    const high = rowsHigh(row);
    const lowB = rowsLow(row + 4);
    const highB = rowsHigh(row + 4);
    const noiseA = f32x4.mul(scale, rowFeaturesAndNoise(low, high, features, tile));
    const noiseB = f32x4.mul(scale, rowFeaturesAndNoise(lowB, highB, features, tile + second));
    const secondA = f32x4.mul(scale, rowNoise(low, high, STREAM_SECOND_NOISE));
    const secondB = f32x4.mul(scale, rowNoise(lowB, highB, STREAM_SECOND_NOISE));
    storeTile(tile, features, validA, x + <usize>done * stride);
    storeTile(tile + second, features, validB, x + <usize>(done + 4) * stride);
    sigmoidTile(tile, features);
    sigmoidTile(tile + second, features);
    secondLayer(w1, w2, features, tile, noiseA, noiseB, maximum1);
    const targetsA = f32x4.div(f32x4.add(v128.load(results), secondA), divisor);
    const targetsB = f32x4.div(f32x4.add(v128.load(results, 16), secondB), divisor);
    storeTargets(targetsA, validA, y + 4 * <usize>done);
    storeTargets(targetsB, validB, y + 4 * <usize>(done + 4));
  }
}
