import { addProduct } from "./train-products";

// Activations that need an exponential, a tile at a time. Their numbers are those of the table of layers.

export const RELU: i32 = 1;
export const TANH: i32 = 2;
export const SIGMOID: i32 = 3;

/**
 * exp(x) − 1 of four numbers to a few units in the last place, also near zero, and as large as 2^125
 * above 87: 2ⁿ·(1 + q) − 1 where q is a polynomial in what remains of x beside n·ln 2 (Moshier's Cephes
 * library, expf).
 */
// @inline
function exponentialMinusOne(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87)), f32x4.splat(87));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(Mathf.LOG2E)));
  const high = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)));
  const rest = f32x4.sub(high, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = addProduct(f32x4.splat(1.3981999507e-3), rest, f32x4.splat(1.98756915e-4));
  p = addProduct(f32x4.splat(8.3334519073e-3), rest, p);
  p = addProduct(f32x4.splat(4.1665795894e-2), rest, p);
  p = addProduct(f32x4.splat(1.6666665459e-1), rest, p);
  p = addProduct(f32x4.splat(5.0000001201e-1), rest, p);
  const q = addProduct(rest, f32x4.mul(rest, rest), p);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return addProduct(f32x4.sub(power, f32x4.splat(1)), q, power);
}

/** Replaces a tile's sums by their activations. Units are `pitch` bytes apart. */
export function activate(
  units: i32,
  at: usize,
  rowBytes: usize,
  pitch: usize,
  activation: i32,
): void {
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  for (let unit: i32 = 0; unit < units; unit++) {
    for (let row: usize = 0; row < rowBytes; row += 16) {
      const sum = v128.load(at + row);
      if (activation === TANH) {
        // tanh x = t/(t + 2) where t = exp 2x − 1.
        const t = exponentialMinusOne(f32x4.add(sum, sum));
        v128.store(at + row, f32x4.div(t, f32x4.add(t, two)));
      } else {
        const t = exponentialMinusOne(f32x4.neg(sum));
        v128.store(at + row, f32x4.div(one, f32x4.add(t, two)));
      }
    }
    at += pitch;
  }
}

/** Replaces activations by their derivatives. */
export function differentiate(
  units: i32,
  at: usize,
  rowBytes: usize,
  pitch: usize,
  activation: i32,
): void {
  const one = f32x4.splat(1);
  for (let unit: i32 = 0; unit < units; unit++) {
    for (let row: usize = 0; row < rowBytes; row += 16) {
      const output = v128.load(at + row);
      v128.store(
        at + row,
        activation === TANH
          ? f32x4.sub(one, f32x4.mul(output, output))
          : f32x4.mul(output, f32x4.sub(one, output)),
      );
    }
    at += pitch;
  }
}
