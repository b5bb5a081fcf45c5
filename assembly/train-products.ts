// Products of a tile's numbers with a layer's weights and with each other, kept in registers. A tile lies unit by unit: `pitch` bytes from one unit to the next, of
// which the first `rowBytes` are in use, a multiple of 64.

import { multiplyAdd } from "./multiply-add";

// What is applied to a product before it is stored: nothing, ReLU, ReLU's derivative times the product,
// or the number at the target times the product.
export const KEEP: i32 = 0;
export const RECTIFY: i32 = 1;
export const MASK: i32 = 2;
export const SCALE: i32 = 3;

// @inline
function finish(sum: v128, at: usize, purpose: i32): void {
  const zero = f32x4.splat(0);
  // pmax keeps a sum that is not a number.
  if (purpose === RECTIFY) sum = f32x4.pmax(sum, zero);
  else if (purpose === MASK) sum = v128.and(sum, f32x4.gt(v128.load(at), zero));
  else if (purpose === SCALE) sum = f32x4.mul(sum, v128.load(at));
  v128.store(at, sum);
}

/** sum + value · weight, each rounded, or rounded once with relaxed SIMD. */
// @inline
export function addProduct(sum: v128, value: v128, weight: v128): v128 {
  return multiplyAdd(value, weight, sum);
}

/**
 * outputs = weightsᵀ · inputs over a tile, plus the bias (0 for none), unit by unit: registers hold
 * four units of eight rows. `weights` as `pack` lays them; `purpose`: what is applied to
 * a product; `MASK` and `SCALE` use what `target` holds.
 */
export function multiply(
  input: usize,
  inputs: i32,
  weights: usize,
  outputs: i32,
  bias: usize,
  target: usize,
  rowBytes: usize,
  pitch: usize,
  purpose: i32,
): void {
  const zero = f32x4.splat(0);
  let unit: i32 = 0;
  for (; unit + 4 <= outputs; unit += 4) {
    const column = weights + <usize>unit * <usize>inputs * 4;
    let b0 = zero,
      b1 = zero,
      b2 = zero,
      b3 = zero;
    if (bias !== 0) {
      const at = bias + <usize>unit * 4;
      b0 = v128.load32_splat(at);
      b1 = v128.load32_splat(at, 4);
      b2 = v128.load32_splat(at, 8);
      b3 = v128.load32_splat(at, 12);
    }
    for (let row: usize = 0; row < rowBytes; row += 32) {
      let a0 = b0,
        a1 = b1,
        a2 = b2,
        a3 = b3;
      let c0 = b0,
        c1 = b1,
        c2 = b2,
        c3 = b3;
      let from = input + row;
      let w = column;
      for (let k: i32 = 0; k < inputs; k++) {
        const x0 = v128.load(from);
        const x1 = v128.load(from, 16);
        const w0 = v128.load32_splat(w);
        a0 = addProduct(a0, x0, w0);
        c0 = addProduct(c0, x1, w0);
        const w1 = v128.load32_splat(w, 4);
        a1 = addProduct(a1, x0, w1);
        c1 = addProduct(c1, x1, w1);
        const w2 = v128.load32_splat(w, 8);
        a2 = addProduct(a2, x0, w2);
        c2 = addProduct(c2, x1, w2);
        const w3 = v128.load32_splat(w, 12);
        a3 = addProduct(a3, x0, w3);
        c3 = addProduct(c3, x1, w3);
        from += pitch;
        w += 16;
      }
      let at = target + <usize>unit * pitch + row;
      finish(a0, at, purpose);
      finish(c0, at + 16, purpose);
      at += pitch;
      finish(a1, at, purpose);
      finish(c1, at + 16, purpose);
      at += pitch;
      finish(a2, at, purpose);
      finish(c2, at + 16, purpose);
      at += pitch;
      finish(a3, at, purpose);
      finish(c3, at + 16, purpose);
    }
  }
  for (; unit < outputs; unit++) {
    const column = weights + <usize>unit * <usize>inputs * 4;
    const b = bias === 0 ? zero : v128.load32_splat(bias + <usize>unit * 4);
    for (let row: usize = 0; row < rowBytes; row += 64) {
      let a0 = b,
        a1 = b,
        a2 = b,
        a3 = b;
      let from = input + row;
      let w = column;
      for (let k: i32 = 0; k < inputs; k++) {
        const w0 = v128.load32_splat(w);
        a0 = addProduct(a0, v128.load(from), w0);
        a1 = addProduct(a1, v128.load(from, 16), w0);
        a2 = addProduct(a2, v128.load(from, 32), w0);
        a3 = addProduct(a3, v128.load(from, 48), w0);
        from += pitch;
        w += 4;
      }
      const at = target + <usize>unit * pitch + row;
      finish(a0, at, purpose);
      finish(a1, at + 16, purpose);
      finish(a2, at + 32, purpose);
      finish(a3, at + 48, purpose);
    }
  }
}

/** The sums of the lanes of each of four vectors. */
// @inline
function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
  const cd = f32x4.add(
    i8x16.shuffle(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
  return f32x4.add(
    i8x16.shuffle(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
    i8x16.shuffle(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
  );
}

/** Adds four float32 to four contiguous float64. */
// @inline
function addFour(at: usize, values: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(values)));
  const high = i8x16.shuffle(values, values, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(high)), 16);
}

// @inline
function addLane(at: usize, value: f32): void {
  store<f64>(at, load<f64>(at) + <f64>value);
}

/**
 * Adds inputs · deltasᵀ, summed over a tile's rows, to `sums` (inputs × outputs, float64):
 * registers hold two inputs by four outputs, or four inputs by one of the outputs that are left.
 */
export function addOuterProducts(
  input: usize,
  inputs: i32,
  deltas: usize,
  outputs: i32,
  sums: usize,
  rowBytes: usize,
  pitch: usize,
): void {
  const stride: usize = <usize>outputs * 8;
  const zero = f32x4.splat(0);
  let unit: i32 = 0;
  for (; unit + 4 <= outputs; unit += 4) {
    const delta = deltas + <usize>unit * pitch;
    let k: i32 = 0;
    for (; k + 2 <= inputs; k += 2) {
      let a0 = zero,
        a1 = zero,
        a2 = zero,
        a3 = zero;
      let b0 = zero,
        b1 = zero,
        b2 = zero,
        b3 = zero;
      let from = input + <usize>k * pitch;
      let from2 = from + pitch;
      let d0 = delta;
      let d1 = d0 + pitch;
      let d2 = d1 + pitch;
      let d3 = d2 + pitch;
      const end = from + rowBytes;
      while (from < end) {
        const x0 = v128.load(from);
        const x1 = v128.load(from2);
        const v0 = v128.load(d0);
        a0 = addProduct(a0, x0, v0);
        b0 = addProduct(b0, x1, v0);
        const v1 = v128.load(d1);
        a1 = addProduct(a1, x0, v1);
        b1 = addProduct(b1, x1, v1);
        const v2 = v128.load(d2);
        a2 = addProduct(a2, x0, v2);
        b2 = addProduct(b2, x1, v2);
        const v3 = v128.load(d3);
        a3 = addProduct(a3, x0, v3);
        b3 = addProduct(b3, x1, v3);
        from += 16;
        from2 += 16;
        d0 += 16;
        d1 += 16;
        d2 += 16;
        d3 += 16;
      }
      const at = sums + <usize>k * stride + <usize>unit * 8;
      addFour(at, laneSums(a0, a1, a2, a3));
      addFour(at + stride, laneSums(b0, b1, b2, b3));
    }
    if (k < inputs) {
      let a0 = zero,
        a1 = zero,
        a2 = zero,
        a3 = zero;
      const from = input + <usize>k * pitch;
      for (let row: usize = 0; row < rowBytes; row += 16) {
        const x0 = v128.load(from + row);
        const d = delta + row;
        a0 = addProduct(a0, x0, v128.load(d));
        a1 = addProduct(a1, x0, v128.load(d + pitch));
        a2 = addProduct(a2, x0, v128.load(d + pitch * 2));
        a3 = addProduct(a3, x0, v128.load(d + pitch * 3));
      }
      addFour(sums + <usize>k * stride + <usize>unit * 8, laneSums(a0, a1, a2, a3));
    }
  }
  for (; unit < outputs; unit++) {
    const delta = deltas + <usize>unit * pitch;
    let at = sums + <usize>unit * 8;
    let k: i32 = 0;
    for (; k + 4 <= inputs; k += 4) {
      let a0 = zero,
        a1 = zero,
        a2 = zero,
        a3 = zero;
      const from = input + <usize>k * pitch;
      for (let row: usize = 0; row < rowBytes; row += 16) {
        const d = v128.load(delta + row);
        const x = from + row;
        a0 = addProduct(a0, v128.load(x), d);
        a1 = addProduct(a1, v128.load(x + pitch), d);
        a2 = addProduct(a2, v128.load(x + pitch * 2), d);
        a3 = addProduct(a3, v128.load(x + pitch * 3), d);
      }
      const four = laneSums(a0, a1, a2, a3);
      addLane(at, f32x4.extract_lane(four, 0));
      addLane(at + stride, f32x4.extract_lane(four, 1));
      addLane(at + stride * 2, f32x4.extract_lane(four, 2));
      addLane(at + stride * 3, f32x4.extract_lane(four, 3));
      at += stride * 4;
    }
    for (; k < inputs; k++) {
      let a0 = zero;
      const from = input + <usize>k * pitch;
      for (let row: usize = 0; row < rowBytes; row += 16) {
        a0 = addProduct(a0, v128.load(from + row), v128.load(delta + row));
      }
      addLane(at, f32x4.extract_lane(laneSums(a0, zero, zero, zero), 0));
      at += stride;
    }
  }
}

/** Adds each output's deltas, summed over a tile's rows, to `sums` (outputs, float64). */
export function addRowSums(
  deltas: usize,
  outputs: i32,
  sums: usize,
  rowBytes: usize,
  pitch: usize,
): void {
  const zero = f32x4.splat(0);
  for (let unit: i32 = 0; unit < outputs; unit++) {
    const delta = deltas + <usize>unit * pitch;
    let sum = zero;
    for (let row: usize = 0; row < rowBytes; row += 16)
      sum = f32x4.add(sum, v128.load(delta + row));
    addLane(sums + <usize>unit * 8, f32x4.extract_lane(laneSums(sum, zero, zero, zero), 0));
  }
}
