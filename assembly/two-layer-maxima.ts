// The passes for the two maxima of two-layer-sigmoid data: they make every row again, but work out only
// what may be the maximum: a cheap bound from above rules out the rest. What remains is computed exactly as
// the rows are. Parameters are as in two-layer-sigmoid.ts.

import { setKey } from "./random";
import { rowFeaturesAndNoise, rowNoise, rowsHigh, rowsLow, STREAM_SECOND_NOISE } from "./rows";
import { results, secondLayer, sigmoidTile, sumColumns, sums, tileBytes } from "./two-layer-sigmoid";

/** Noise of rows that are not wanted, which can then have no maximum. */
const NEVER: f32 = -f32.MAX_VALUE;
/** More than the rounding of a sum of two numbers, relative to the larger. */
const ROUNDING: f32 = 2e-6;

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
 * The largest first-layer value of two tiles, or `atLeast` in every lane where that is larger.
 *
 * isReady: whether the tiles hold σ(x) already, not x
 */
// @ts-ignore: decorator
@inline
function firstLayerLargest(columns: usize, bounds: usize, features: u32, tile: usize, noiseA: v128, noiseB: v128, atLeast: v128, isReady: bool): v128 {
  const hidden: u32 = features * 2;
  const groupBytes: usize = <usize>features * 16;
  const second = tileBytes(features);
  let largest = atLeast;
  const noiseAbove = above(f32x4.pmax(noiseA, noiseB));
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
  return largest;
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
    largest = firstLayerLargest(columns, bounds, features, tile, noiseA, noiseB, largest, false);
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
 * Whether the second-layer values of two tiles are all below the largest: first by the linear bound, then by
 * the polynomial. The tiles hold σ(x). Vectors are as `secondLayerMaximum` makes them.
 */
// @ts-ignore: decorator
@inline
function isRuledOut(w1: usize, w2: usize, features: u32, tile: usize, noiseA: v128, noiseB: v128, secondA: v128, secondB: v128, inverse: v128, slopes: usize, linearNoise: v128, linear: v128, offset: v128, largest: v128): bool {
  const hidden: u32 = features * 2;
  const groupBytes: usize = <usize>features * 16;
  const second = tileBytes(features);
  const half = f32x4.splat(0.5);
  const limit = f32x4.splat(9);
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
  if (i32x4.all_true(ruledOut)) return true;
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
  return i32x4.all_true(v128.and(below, f32x4.le(widest, limit)));
}

/** Second-layer values of the eight rows of the tile, noise included: of each two, four rows apart, the larger. */
// @ts-ignore: decorator
@inline
function secondLayerMost(w1: usize, w2: usize, features: u32, tile: usize, maximum1: f32, noiseA: v128, noiseB: v128, secondA: v128, secondB: v128): v128 {
  v128.store(results, noiseA);
  v128.store(results, noiseB, 16);
  secondLayer(w1, w2, features, tile, maximum1);
  return f32x4.pmax(
    f32x4.add(v128.load(results), secondA),
    f32x4.add(v128.load(results, 16), secondB),
  );
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
  const scale = f32x4.splat(noise);
  const second = tileBytes(features);
  const inverse = f32x4.splat(1 / maximum1);
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
    if (isRuledOut(w1, w2, features, tile, noiseA, noiseB, secondA, secondB, inverse, slopes, linearNoise, linear, offset, largest)) continue;
    const most = secondLayerMost(w1, w2, features, tile, maximum1, noiseA, noiseB, secondA, secondB);
    if (v128.any_true(f32x4.gt(most, largest))) {
      largest = f32x4.splat(largestLane(f32x4.pmax(most, largest)));
    }
  }
  return f32x4.extract_lane(largest, 0);
}

/**
 * Both maxima in one pass, before the first is known: the largest first-layer value of some rows, as
 * `firstLayerMaximum` finds it, and the largest second-layer value if the first maximum were `guess`, as
 * `secondLayerMaximum` finds it. Also left are the groups of eight rows of which one has a second-layer value
 * that is at most `gap` below the largest so far: one of them has the largest for other first maxima near by.
 *
 * Parameters are as those of the two; found: the two results, float32, then `capacity` pairs of a group's first
 * row, uint32 from firstRow on, and its largest second-layer value, float32.
 *
 * @returns how many groups there are; of more than `capacity` the last are not stored
 */
export function bothMaxima(seed: f64, firstRow: f64, rows: u32, features: u32, noise: f32, columns: usize, bounds: usize, atLeastFirst: f32, w1: usize, w2: usize, guess: f32, slopes: usize, noiseSlope: f32, intercept: f32, halfSum: f32, error: f32, gap: f32, atLeastSecond: f32, tile: usize, found: usize, capacity: u32): u32 {
  const key = <u64>seed;
  setKey(<u32>key, <u32>(key >> 32));
  const start = <u64>firstRow;
  const scale = f32x4.splat(noise);
  const second = tileBytes(features);
  const inverse = f32x4.splat(1 / guess);
  const offset = f32x4.splat(halfSum + error + gap);
  const linear = f32x4.splat(intercept + gap);
  const linearNoise = f32x4.splat(noiseSlope);
  let largestFirst = f32x4.splat(atLeastFirst);
  let largest = f32x4.splat(atLeastSecond);
  let groups: u32 = 0;
  for (let done: u32 = 0; done < rows; done += 8) {
    const left = <i32>(rows - done);
    const row = start + done;
    const low = rowsLow(row);
    const high = rowsHigh(row);
    const lowB = rowsLow(row + 4);
    const highB = rowsHigh(row + 4);
    const noiseA = f32x4.mul(scale, rowFeaturesAndNoise(low, high, features, tile));
    const noiseB = f32x4.mul(scale, rowFeaturesAndNoise(lowB, highB, features, tile + second));
    sigmoidTile(tile, features);
    sigmoidTile(tile + second, features);
    largestFirst = firstLayerLargest(columns, bounds, features, tile, onlyValid(noiseA, left), onlyValid(noiseB, left - 4), largestFirst, true);
    const secondA = onlyValid(f32x4.mul(scale, rowNoise(low, high, STREAM_SECOND_NOISE)), left);
    const secondB = onlyValid(f32x4.mul(scale, rowNoise(lowB, highB, STREAM_SECOND_NOISE)), left - 4);
    if (isRuledOut(w1, w2, features, tile, noiseA, noiseB, secondA, secondB, inverse, slopes, linearNoise, linear, offset, largest)) continue;
    const most = largestLane(secondLayerMost(w1, w2, features, tile, guess, noiseA, noiseB, secondA, secondB));
    const before = f32x4.extract_lane(largest, 0);
    if (most < before - gap) continue;
    if (groups < capacity) {
      const to = found + 8 + 8 * <usize>groups;
      store<u32>(to, done);
      store<f32>(to, most, 4);
    }
    groups++;
    if (most > before) largest = f32x4.splat(most);
  }
  store<f32>(found, f32x4.extract_lane(largestFirst, 0));
  store<f32>(found, f32x4.extract_lane(largest, 0), 4);
  return groups;
}
