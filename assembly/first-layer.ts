// The first layer of a ReLU network along a line: where its units switch, and what those that are active
// before make of the second layer's quadratics (see mlp-slice.ts).

import { multiplyAdd } from "./multiply-add";

/**
 * a of every first-layer unit on the line at β, whether the unit is active (1 or 0) before its
 * switch, and the number of the point from which on it has switched: `points` where that is before
 * the first point or after the last. `products`: a, b and, with three sets, c of a row.
 */
// @inline
export function findSwitches(
  products: usize,
  first: i32,
  sets: i32,
  beta: f32,
  points: i32,
  start: f32,
  inverseStep: f32,
  a: usize,
  actives: usize,
  switches: usize,
): void {
  const stride: usize = <usize>first * 4;
  const zero = f32x4.splat(0);
  const one = i32x4.splat(1);
  const starts = f32x4.splat(start);
  const scale = f32x4.splat(inverseStep);
  const outside = i32x4.splat(points);
  const betas = f32x4.splat(beta);
  for (let unit: usize = 0; unit < stride; unit += 16) {
    let sumA = v128.load(products + unit);
    const sumB = v128.load(products + stride + unit);
    if (sets === 3) sumA = multiplyAdd(betas, v128.load(products + 2 * stride + unit), sumA);
    v128.store(a + unit, sumA);
    // Before its switch a unit is active where b < 0, after it where b > 0, and where b = 0 for
    // a > 0. A rounded position moves the switch by at most the one point where a + αb is as small
    // as the rounding.
    const position = f32x4.mul(f32x4.sub(f32x4.div(f32x4.neg(sumA), sumB), starts), scale);
    const falling = f32x4.lt(sumB, zero);
    const rising = f32x4.gt(sumB, zero);
    const level = v128.andnot(f32x4.gt(sumA, zero), v128.or(falling, rising));
    const active = v128.or(level, v128.bitselect(rising, falling, f32x4.le(position, zero)));
    v128.store(actives + unit, v128.and(active, one));
    const point = i32x4.trunc_sat_f32x4_s(f32x4.ceil(position));
    const inside = v128.and(i32x4.ge_s(point, one), i32x4.lt_s(point, outside));
    v128.store(switches + unit, v128.bitselect(point, outside, inside));
  }
}

/**
 * The quadratics of the units listed from `list` to `end`: q0, q1 and q2 of each four second-layer
 * units side by side, from the biases (4 centre, 4 direction for each four units) on. `weights`:
 * first × second/4 × (4 centre, 4 direction).
 */
// @inline
export function sumUnits(
  list: usize,
  end: usize,
  a: usize,
  b: usize,
  weights: usize,
  biases: usize,
  second: i32,
  quadratics: usize,
): void {
  const unitBytes: usize = <usize>second * 8;
  let q = quadratics;
  let group: usize = 0;
  // Two groups at a time: their sums do not wait for each other.
  for (; group + 32 < unitBytes; group += 64) {
    let q0 = v128.load(biases + group);
    let q1 = v128.load(biases + group, 16);
    let q2 = f32x4.splat(0);
    let q3 = f32x4.splat(0);
    let p0 = v128.load(biases + group, 32);
    let p1 = v128.load(biases + group, 48);
    let p2 = f32x4.splat(0);
    let p3 = f32x4.splat(0);
    for (let entry = list; entry < end; entry += 4) {
      const unit = <usize>load<u32>(entry);
      const w = weights + unit * unitBytes + group;
      const va = v128.load32_splat(a + unit * 4);
      const vb = v128.load32_splat(b + unit * 4);
      const centre = v128.load(w);
      const direction = v128.load(w, 16);
      q0 = multiplyAdd(va, centre, q0);
      q1 = multiplyAdd(va, direction, q1);
      q3 = multiplyAdd(vb, centre, q3);
      q2 = multiplyAdd(vb, direction, q2);
      const nextCentre = v128.load(w, 32);
      const nextDirection = v128.load(w, 48);
      p0 = multiplyAdd(va, nextCentre, p0);
      p1 = multiplyAdd(va, nextDirection, p1);
      p3 = multiplyAdd(vb, nextCentre, p3);
      p2 = multiplyAdd(vb, nextDirection, p2);
    }
    v128.store(q, q0);
    v128.store(q, f32x4.add(q1, q3), 16);
    v128.store(q, q2, 32);
    v128.store(q, p0, 48);
    v128.store(q, f32x4.add(p1, p3), 64);
    v128.store(q, p2, 80);
    q += 96;
  }
  if (group < unitBytes) {
    let q0 = v128.load(biases + group);
    let q1 = v128.load(biases + group, 16);
    let q2 = f32x4.splat(0);
    let q3 = f32x4.splat(0);
    for (let entry = list; entry < end; entry += 4) {
      const unit = <usize>load<u32>(entry);
      const w = weights + unit * unitBytes + group;
      const centre = v128.load(w);
      const direction = v128.load(w, 16);
      const va = v128.load32_splat(a + unit * 4);
      const vb = v128.load32_splat(b + unit * 4);
      q0 = multiplyAdd(va, centre, q0);
      q1 = multiplyAdd(va, direction, q1);
      q3 = multiplyAdd(vb, centre, q3);
      q2 = multiplyAdd(vb, direction, q2);
    }
    v128.store(q, q0);
    v128.store(q, f32x4.add(q1, q3), 16);
    v128.store(q, q2, 32);
  }
}
