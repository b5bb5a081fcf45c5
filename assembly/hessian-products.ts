// Products of a tile's numbers with a layer's weights and with each other, in float64 or float32. A tile
// lies unit by unit: `pitch` bytes from one unit to the next, of which the first `rowBytes` are in use, a
// multiple of 64.

import { multiplyAddOf } from "./multiply-add";

// What is applied to a product before it is stored: nothing, ReLU, or the gate: 0 where the unit of the
// same place at `gates` is not positive.
export const KEEP: i32 = 0;
export const RECTIFY: i32 = 1;
export const GATE: i32 = 2;

// @inline
function finish<T>(sum: v128, at: usize, gate: usize, purpose: i32): void {
  const zero = v128.splat<T>(0);
  // pmax keeps a sum that is not a number.
  if (purpose === RECTIFY) sum = v128.pmax<T>(sum, zero);
  else if (purpose === GATE) sum = v128.and(sum, v128.gt<T>(v128.load(gate), zero));
  v128.store(at, sum);
}

/**
 * target = weightsᵀ · one + otherWeightsᵀ · other over a tile, plus the bias (0 for none), unit by unit:
 * registers hold four units of two vectors of rows. Weights as `pack` lays them. other: 0 for none.
 */
export function multiply<T>(
  one: usize,
  weights: usize,
  other: usize,
  otherWeights: usize,
  inputs: i32,
  outputs: i32,
  bias: usize,
  target: usize,
  gates: usize,
  purpose: i32,
  rowBytes: usize,
  pitch: usize,
): void {
  const size: usize = sizeof<T>();
  let unit: i32 = 0;
  for (; unit + 4 <= outputs; unit += 4) {
    const column = <usize>unit * <usize>inputs * size;
    let b0 = v128.splat<T>(0),
      b1 = b0,
      b2 = b0,
      b3 = b0;
    if (bias !== 0) {
      const at = bias + <usize>unit * size;
      b0 = v128.load_splat<T>(at);
      b1 = v128.load_splat<T>(at + size);
      b2 = v128.load_splat<T>(at + 2 * size);
      b3 = v128.load_splat<T>(at + 3 * size);
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
      let from = one + row;
      let w = weights + column;
      for (let left: i32 = other === 0 ? 1 : 2; left > 0; left--) {
        for (let k: i32 = 0; k < inputs; k++) {
          const x0 = v128.load(from);
          const x1 = v128.load(from, 16);
          const w0 = v128.load_splat<T>(w);
          a0 = multiplyAddOf<T>(x0, w0, a0);
          c0 = multiplyAddOf<T>(x1, w0, c0);
          const w1 = v128.load_splat<T>(w + size);
          a1 = multiplyAddOf<T>(x0, w1, a1);
          c1 = multiplyAddOf<T>(x1, w1, c1);
          const w2 = v128.load_splat<T>(w + 2 * size);
          a2 = multiplyAddOf<T>(x0, w2, a2);
          c2 = multiplyAddOf<T>(x1, w2, c2);
          const w3 = v128.load_splat<T>(w + 3 * size);
          a3 = multiplyAddOf<T>(x0, w3, a3);
          c3 = multiplyAddOf<T>(x1, w3, c3);
          from += pitch;
          w += 4 * size;
        }
        from = other + row;
        w = otherWeights + column;
      }
      let at = target + <usize>unit * pitch + row;
      let gate = gates + <usize>unit * pitch + row;
      finish<T>(a0, at, gate, purpose);
      finish<T>(c0, at + 16, gate + 16, purpose);
      at += pitch;
      gate += pitch;
      finish<T>(a1, at, gate, purpose);
      finish<T>(c1, at + 16, gate + 16, purpose);
      at += pitch;
      gate += pitch;
      finish<T>(a2, at, gate, purpose);
      finish<T>(c2, at + 16, gate + 16, purpose);
      at += pitch;
      gate += pitch;
      finish<T>(a3, at, gate, purpose);
      finish<T>(c3, at + 16, gate + 16, purpose);
    }
  }
  for (; unit < outputs; unit++) {
    const column = <usize>unit * <usize>inputs * size;
    const b = bias === 0 ? v128.splat<T>(0) : v128.load_splat<T>(bias + <usize>unit * size);
    for (let row: usize = 0; row < rowBytes; row += 64) {
      let a0 = b,
        a1 = b,
        a2 = b,
        a3 = b;
      let from = one + row;
      let w = weights + column;
      for (let left: i32 = other === 0 ? 1 : 2; left > 0; left--) {
        for (let k: i32 = 0; k < inputs; k++) {
          const w0 = v128.load_splat<T>(w);
          a0 = multiplyAddOf<T>(v128.load(from), w0, a0);
          a1 = multiplyAddOf<T>(v128.load(from, 16), w0, a1);
          a2 = multiplyAddOf<T>(v128.load(from, 32), w0, a2);
          a3 = multiplyAddOf<T>(v128.load(from, 48), w0, a3);
          from += pitch;
          w += size;
        }
        from = other + row;
        w = otherWeights + column;
      }
      const at = target + <usize>unit * pitch + row;
      const gate = gates + <usize>unit * pitch + row;
      finish<T>(a0, at, gate, purpose);
      finish<T>(a1, at + 16, gate + 16, purpose);
      finish<T>(a2, at + 32, gate + 32, purpose);
      finish<T>(a3, at + 48, gate + 48, purpose);
    }
  }
}

/** Adds the sum of a vector's lanes to a float64. */
// @inline
function addLanes<T>(at: usize, v: v128): void {
  let sum: f64;
  if (sizeof<T>() === 8) sum = f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
  else {
    const low = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1);
    sum = <f64>(low + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)));
  }
  store<f64>(at, load<f64>(at) + sum);
}

/**
 * Adds one · deltasᵀ + other · movingᵀ, summed over a tile's rows, to `sums` (inputs × outputs, float64):
 * registers hold two inputs by four outputs. other: 0 for none.
 */
export function addOuterProducts<T>(
  one: usize,
  deltas: usize,
  other: usize,
  otherDeltas: usize,
  inputs: i32,
  outputs: i32,
  sums: usize,
  rowBytes: usize,
  pitch: usize,
): void {
  const stride: usize = <usize>outputs * 8;
  const zero = v128.splat<T>(0);
  for (let k: i32 = 0; k < inputs; k += 2) {
    // An odd input that is left is paired with itself, and its second sums are dropped.
    const step: usize = k + 1 < inputs ? pitch : 0;
    const offset = <usize>k * pitch;
    let unit: i32 = 0;
    for (; unit + 4 <= outputs; unit += 4) {
      let a0 = zero,
        a1 = zero,
        a2 = zero,
        a3 = zero;
      let c0 = zero,
        c1 = zero,
        c2 = zero,
        c3 = zero;
      let x = one + offset;
      let d = deltas + <usize>unit * pitch;
      for (let left: i32 = other === 0 ? 1 : 2; left > 0; left--) {
        for (let row: usize = 0; row < rowBytes; row += 16) {
          const x0 = v128.load(x + row);
          const x1 = v128.load(x + row + step);
          const at = d + row;
          const d0 = v128.load(at);
          a0 = multiplyAddOf<T>(x0, d0, a0);
          c0 = multiplyAddOf<T>(x1, d0, c0);
          const d1 = v128.load(at + pitch);
          a1 = multiplyAddOf<T>(x0, d1, a1);
          c1 = multiplyAddOf<T>(x1, d1, c1);
          const d2 = v128.load(at + pitch * 2);
          a2 = multiplyAddOf<T>(x0, d2, a2);
          c2 = multiplyAddOf<T>(x1, d2, c2);
          const d3 = v128.load(at + pitch * 3);
          a3 = multiplyAddOf<T>(x0, d3, a3);
          c3 = multiplyAddOf<T>(x1, d3, c3);
        }
        x = other + offset;
        d = otherDeltas + <usize>unit * pitch;
      }
      const at = sums + <usize>k * stride + <usize>unit * 8;
      addLanes<T>(at, a0);
      addLanes<T>(at + 8, a1);
      addLanes<T>(at + 16, a2);
      addLanes<T>(at + 24, a3);
      if (step !== 0) {
        addLanes<T>(at + stride, c0);
        addLanes<T>(at + stride + 8, c1);
        addLanes<T>(at + stride + 16, c2);
        addLanes<T>(at + stride + 24, c3);
      }
    }
    for (; unit < outputs; unit++) {
      let a0 = zero,
        c0 = zero;
      let x = one + offset;
      let d = deltas + <usize>unit * pitch;
      for (let left: i32 = other === 0 ? 1 : 2; left > 0; left--) {
        for (let row: usize = 0; row < rowBytes; row += 16) {
          const d0 = v128.load(d + row);
          a0 = multiplyAddOf<T>(v128.load(x + row), d0, a0);
          c0 = multiplyAddOf<T>(v128.load(x + row + step), d0, c0);
        }
        x = other + offset;
        d = otherDeltas + <usize>unit * pitch;
      }
      const at = sums + <usize>k * stride + <usize>unit * 8;
      addLanes<T>(at, a0);
      if (step !== 0) addLanes<T>(at + stride, c0);
    }
  }
}

/** Adds each unit's numbers, summed over a tile's rows, to `sums` (units, float64). */
export function addRowSums<T>(
  units: i32,
  numbers: usize,
  sums: usize,
  rowBytes: usize,
  pitch: usize,
): void {
  for (let unit: i32 = 0; unit < units; unit++) {
    const from = numbers + <usize>unit * pitch;
    let sum = v128.splat<T>(0);
    for (let row: usize = 0; row < rowBytes; row += 16) {
      sum = v128.add<T>(sum, v128.load(from + row));
    }
    addLanes<T>(sums + <usize>unit * 8, sum);
  }
}
