// Rows of the synthetic datasets and raw random numbers: the generation kernel.

import { cosine, philox, radius, setKey, sine } from "./random";
import { rowFeaturesAndNoise, rowsHigh, rowsLow, storeTile, words } from "./rows";

export { firstLayerMaximum, secondLayerMaximum } from "./two-layer-maxima";
export { twoLayerSigmoidRows } from "./two-layer-sigmoid";

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

/** Stores the words of `groups` groups of four blocks one after the other: 16 words a group. */
function storeSequence(
  firstBlock: u32,
  groups: u32,
  seed: u64,
  row: u64,
  stream: u32,
  normal: bool,
  out: usize,
): void {
  setKey(<u32>seed, <u32>(seed >> 32));
  const low = i32x4.splat(<i32>row);
  const high = i32x4.splat(<i32>(row >> 32));
  const last = i32x4.splat(stream);
  for (let group: u32 = 0; group < groups; group++) {
    const block = firstBlock + group * 4;
    philox(i32x4(block, block + 1, block + 2, block + 3), low, high, last, words);
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
export function randomWords(
  seed: f64,
  stream: u32,
  row: f64,
  firstBlock: u32,
  groups: u32,
  out: usize,
): void {
  storeSequence(firstBlock, groups, <u64>seed, <u64>row, stream, false, out);
}

/** 16·groups normals of one row of a stream, from block `firstBlock` on. */
export function randomNormals(
  seed: f64,
  stream: u32,
  row: f64,
  firstBlock: u32,
  groups: u32,
  out: usize,
): void {
  storeSequence(firstBlock, groups, <u64>seed, <u64>row, stream, true, out);
}

/** The published function itself: one block, for the known-answer vectors. */
export function philoxBlock(
  c0: u32,
  c1: u32,
  c2: u32,
  c3: u32,
  k0: u32,
  k1: u32,
  out: usize,
): void {
  setKey(k0, k1);
  philox(i32x4.splat(c0), i32x4.splat(c1), i32x4.splat(c2), i32x4.splat(c3), words);
  for (let j: usize = 0; j < 4; j++) store<u32>(out + 4 * j, load<u32>(words + 16 * j));
}

/**
 * Rows firstRow … firstRow+rows−1 of the linear model: y = Σ x_j·w_j + noise·ε, summed in float64 in
 * the order of the features and rounded once.
 * weights: D float64; tile: 16·(D rounded up to a multiple of 4) bytes; x: rows×D float32; y: rows float32.
 */
export function lsmRows(
  seed: f64,
  firstRow: f64,
  rows: u32,
  features: u32,
  noise: f64,
  weights: usize,
  tile: usize,
  x: usize,
  y: usize,
): void {
  const key = <u64>seed;
  setKey(<u32>key, <u32>(key >> 32));
  const start = <u64>firstRow;
  const scale = f64x2.splat(noise);
  for (let done: u32 = 0; done < rows; done += 4) {
    const valid = min<u32>(4, rows - done);
    const low = rowsLow(start + done);
    const high = rowsHigh(start + done);
    const noises = rowFeaturesAndNoise(low, high, features, tile);
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
    if (valid === 4) v128.store(to, targets);
    else {
      v128.store(words, targets);
      for (let row: usize = 0; row < <usize>valid; row++)
        store<u32>(to + 4 * row, load<u32>(words + 4 * row));
    }
  }
}
