// The two-layer-sigmoid rows (see docs/datasets.md for the formula), eight at a time: two tiles of
// four. Sums are float32 in the order of the features and of the hidden units.
//
// Common parameters: w1, the 2D columns of W1, D float32 each (the transpose), filled up to a multiple of
// four columns with copies of the last, which change no maximum; w2, as many float32, zero where it is filled
// up; tile: 2 × 16·(D rounded up to a
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
export const sums: usize = memory.data(128, 16);
/** First-layer noise of the two tiles' rows, then their second-layer values. */
export const results: usize = memory.data(32, 16);

/** Bytes of a tile. */
// @inline
export function tileBytes(features: u32): usize {
  return <usize>(((features + 3) >> 2) << 6);
}

/** Replaces the features of a tile by their logistic function. */
// @inline
export function sigmoidTile(tile: usize, features: u32): void {
  for (let feature: u32 = 0; feature < features; feature++) {
    const at = tile + 16 * <usize>feature;
    v128.store(at, sigmoid(v128.load(at)));
  }
}

/** First-layer values of four columns from `weights` on. */
// @inline
export function sumColumns(
  weights: usize,
  features: u32,
  tile: usize,
  noiseA: v128,
  noiseB: v128,
): void {
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

/** Leaves Σ σ(a/maximum1 − ½)·w2 of the rows in `results`, where their noise was. */
export function secondLayer(w1: usize, w2: usize, features: u32, tile: usize, maximum1: f32): void {
  const noiseA = v128.load(results);
  const noiseB = v128.load(results, 16);
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

/** Stores the first `valid` lanes. */
// @inline
function storeTargets(values: v128, valid: u32, y: usize): void {
  if (valid === 4) v128.store(y, values);
  else {
    v128.store(results, values);
    for (let row: usize = 0; row < <usize>valid; row++)
      store<u32>(y + 4 * row, load<u32>(results + 4 * row));
  }
}

/** Rows firstRow … firstRow+rows−1: x, rows×D float32, and y = second-layer value / maximum2, rows float32. */
export function twoLayerSigmoidRows(
  seed: f64,
  firstRow: f64,
  rows: u32,
  features: u32,
  noise: f32,
  w1: usize,
  w2: usize,
  maximum1: f32,
  maximum2: f32,
  tile: usize,
  x: usize,
  y: usize,
): void {
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
    v128.store(results, noiseA);
    v128.store(results, noiseB, 16);
    secondLayer(w1, w2, features, tile, maximum1);
    const targetsA = f32x4.div(f32x4.add(v128.load(results), secondA), divisor);
    const targetsB = f32x4.div(f32x4.add(v128.load(results, 16), secondB), divisor);
    storeTargets(targetsA, validA, y + 4 * <usize>done);
    storeTargets(targetsB, validB, y + 4 * <usize>(done + 4));
  }
}
