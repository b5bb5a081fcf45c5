// The two maxima that the targets of two-layer-sigmoid data are divided by. Each takes a pass of its own, in
// which the rows are made rather than kept. Parameters are as in two-layer-sigmoid.ts.

import { setKey } from "./random";
import { rowFeaturesAndNoise, rowNoise, rowsHigh, rowsLow, STREAM_SECOND_NOISE } from "./rows";
import {
  results,
  secondLayer,
  sigmoidTile,
  sumColumns,
  sums,
  tileBytes,
} from "./two-layer-sigmoid";

/** The values of the first `valid` lanes (none or fewer below 1), and −∞ in the others. */
// @inline
function onlyValid(values: v128, valid: i32): v128 {
  const isValid = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(valid));
  return v128.bitselect(values, f32x4.splat(-Infinity), isValid);
}

/** The largest lane. */
// @inline
function largestLane(v: v128): f32 {
  return max<f32>(
    max<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** The largest first-layer value a = σ(X)W1 + noise·ε of some rows. */
export function firstLayerMaximum(
  seed: f64,
  firstRow: f64,
  rows: u32,
  features: u32,
  noise: f32,
  w1: usize,
  tile: usize,
): f32 {
  const key = <u64>seed;
  setKey(<u32>key, <u32>(key >> 32));
  const start = <u64>firstRow;
  const scale = f32x4.splat(noise);
  const second = tileBytes(features);
  const hidden: u32 = features * 2;
  // pmax(a, b) is a < b ? b : a, so what is no number never counts.
  let largest = f32x4.splat(-Infinity);
  for (let done: u32 = 0; done < rows; done += 8) {
    const left = <i32>(rows - done);
    const row = start + done;
    const noiseA = f32x4.mul(
      scale,
      rowFeaturesAndNoise(rowsLow(row), rowsHigh(row), features, tile),
    );
    const noiseB = f32x4.mul(
      scale,
      rowFeaturesAndNoise(rowsLow(row + 4), rowsHigh(row + 4), features, tile + second),
    );
    sigmoidTile(tile, features);
    sigmoidTile(tile + second, features);
    let mostA = f32x4.splat(-Infinity);
    let mostB = mostA;
    for (let column: u32 = 0; column < hidden; column += 4) {
      sumColumns(w1 + <usize>column * features * 4, features, tile, noiseA, noiseB);
      for (let at: usize = 0; at < 128; at += 32) {
        mostA = f32x4.pmax(mostA, v128.load(sums + at));
        mostB = f32x4.pmax(mostB, v128.load(sums + at, 16));
      }
    }
    largest = f32x4.pmax(largest, onlyValid(mostA, left));
    largest = f32x4.pmax(largest, onlyValid(mostB, left - 4));
  }
  return largestLane(largest);
}

/** The largest second-layer value σ(a/maximum1 − ½)·w2 + noise·ε′ of some rows. */
export function secondLayerMaximum(
  seed: f64,
  firstRow: f64,
  rows: u32,
  features: u32,
  noise: f32,
  w1: usize,
  w2: usize,
  maximum1: f32,
  tile: usize,
): f32 {
  const key = <u64>seed;
  setKey(<u32>key, <u32>(key >> 32));
  const start = <u64>firstRow;
  const scale = f32x4.splat(noise);
  const second = tileBytes(features);
  let largest = f32x4.splat(-Infinity);
  for (let done: u32 = 0; done < rows; done += 8) {
    const left = <i32>(rows - done);
    const row = start + done;
    const low = rowsLow(row);
    const high = rowsHigh(row);
    const lowB = rowsLow(row + 4);
    const highB = rowsHigh(row + 4);
    v128.store(results, f32x4.mul(scale, rowFeaturesAndNoise(low, high, features, tile)));
    v128.store(
      results,
      f32x4.mul(scale, rowFeaturesAndNoise(lowB, highB, features, tile + second)),
      16,
    );
    const secondA = f32x4.mul(scale, rowNoise(low, high, STREAM_SECOND_NOISE));
    const secondB = f32x4.mul(scale, rowNoise(lowB, highB, STREAM_SECOND_NOISE));
    sigmoidTile(tile, features);
    sigmoidTile(tile + second, features);
    secondLayer(w1, w2, features, tile, maximum1);
    largest = f32x4.pmax(largest, onlyValid(f32x4.add(v128.load(results), secondA), left));
    largest = f32x4.pmax(largest, onlyValid(f32x4.add(v128.load(results, 16), secondB), left - 4));
  }
  return largestLane(largest);
}
