// Losses of a ReLU network at every point of the lines of a grid, a row at a time.
//
// Along a line centre + α·direction the first pre-activation of a unit is a + αb, so each unit
// switches at most once. Between switches the second pre-activation of a unit is a quadratic in α,
// whose coefficients a switch updates by one vector addition. Of a plane, the line at β has the first
// pre-activations (a + βc) + αb: the products of a row with centre and directions are shared by all
// its lines. The method is exact: nothing is sampled or approximated but by float32 rounding.
// Squared errors are summed in float64. The caller makes sure that nothing can overflow.
//
// The last-but-one layer's units are `second` quadratics, weighted by the last layer's weights
// `outputs[point][unit]`. A network with one hidden layer has a single quadratic, weight 1 and no
// threshold (`floor` −∞).
//
// `addSquaredErrors` switches units in place, point by point, for networks of any size and lines of any
// length; mlp-slice-segments.ts has what is faster for few units and short segments.
//
// This file is compiled twice: with relaxed SIMD, where a multiplication and an addition are one
// instruction, and without, for engines that do not have it.

import { findSwitches, sumUnits } from "./first-layer";
import { multiplyAdd } from "./multiply-add";
import { addFourErrors } from "./squared-errors";

// What a kernel exports is not inlined: `addPredictions` by itself keeps its numbers in registers.
export { addPredictions, addSquaredErrorsBySegments } from "./mlp-slice-segments";

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * The products of rows with the first layer's weights: for each row a of every unit, then b, and
 * with three sets c. `weights`: the biases and then, feature by feature, the weights, each
 * `sets` × first.
 */
export function multiplyRows(
  x: usize,
  rows: i32,
  features: i32,
  first: i32,
  sets: i32,
  weights: usize,
  products: usize,
): void {
  const stride: usize = <usize>(first * sets) * 4;
  const columns: usize = stride & ~31;
  for (let row: i32 = 0; row < rows; row++) {
    // Two vectors of units at a time: their sums do not wait for each other.
    let unit: usize = 0;
    for (; unit < columns; unit += 32) {
      let sum1 = v128.load(weights + unit);
      let sum2 = v128.load(weights + unit, 16);
      let column = weights + unit + stride;
      for (let feature: usize = 0; feature < <usize>features; feature++) {
        const value = v128.load32_splat(x + feature * 4);
        sum1 = multiplyAdd(value, v128.load(column), sum1);
        sum2 = multiplyAdd(value, v128.load(column, 16), sum2);
        column += stride;
      }
      v128.store(products + unit, sum1);
      v128.store(products + unit, sum2, 16);
    }
    if (unit < stride) {
      let sum = v128.load(weights + unit);
      let column = weights + unit + stride;
      for (let feature: usize = 0; feature < <usize>features; feature++) {
        sum = multiplyAdd(v128.load32_splat(x + feature * 4), v128.load(column), sum);
        column += stride;
      }
      v128.store(products + unit, sum);
    }
    x += <usize>features * 4;
    products += stride;
  }
}

/**
 * Adds a first-layer unit that switches, with activation a + αb, to the quadratics, or takes it away
 * where it was active before. `weights`: first × (centre, direction) weights; `quadratics`: q0, q1
 * and q2 of each four units side by side.
 */
// @inline
function switchUnit(
  unit: usize,
  a: usize,
  b: usize,
  weights: usize,
  second: i32,
  quadratics: usize,
): void {
  const sign = signOf(b, unit);
  const va = f32x4.mul(sign, v128.load32_splat(a + unit * 4));
  const vb = f32x4.mul(sign, v128.load32_splat(b + unit * 4));
  const unitBytes: usize = <usize>second * 8;
  let q = quadratics;
  let w = weights + unit * unitBytes;
  for (const end = w + unitBytes; w < end; w += 32) {
    const centre = v128.load(w);
    const direction = v128.load(w, 16);
    v128.store(q, multiplyAdd(va, centre, v128.load(q)));
    v128.store(q, multiplyAdd(va, direction, multiplyAdd(vb, centre, v128.load(q, 16))), 16);
    v128.store(q, multiplyAdd(vb, direction, v128.load(q, 32)), 32);
    q += 48;
  }
}

/** −1 for a unit that switches off (b < 0), else 1, in all lanes. */
// @inline
function signOf(b: usize, unit: usize): v128 {
  const bits = v128.and(v128.load32_splat(b + unit * 4), i32x4.splat(<i32>0x80000000));
  return v128.or(bits, f32x4.splat(1));
}

/** (q2·α + q1)·α + q0, not below `lowest`. */
// @inline
function unitsAt(q0: v128, q1: v128, q2: v128, alpha: v128, lowest: v128): v128 {
  return f32x4.pmax(multiplyAdd(multiplyAdd(q2, alpha, q1), alpha, q0), lowest);
}

/** The four lanes' sum. */
// @inline
function lanesSum(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/**
 * As `switchUnit`, and in the same pass the sum of the units' outputs at the point of the switch, in
 * four parts: what was changed is not stored and loaded again first.
 */
// @inline
function switchUnitAt(
  unit: usize,
  a: usize,
  b: usize,
  weights: usize,
  second: i32,
  quadratics: usize,
  alpha: v128,
  lowest: v128,
  output: usize,
): v128 {
  const sign = signOf(b, unit);
  const va = f32x4.mul(sign, v128.load32_splat(a + unit * 4));
  const vb = f32x4.mul(sign, v128.load32_splat(b + unit * 4));
  const unitBytes: usize = <usize>second * 8;
  let sum = f32x4.splat(0);
  let q = quadratics;
  let w = weights + unit * unitBytes;
  for (const end = w + unitBytes; w < end; w += 32) {
    const centre = v128.load(w);
    const direction = v128.load(w, 16);
    const q0 = multiplyAdd(va, centre, v128.load(q));
    const q1 = multiplyAdd(va, direction, multiplyAdd(vb, centre, v128.load(q, 16)));
    const q2 = multiplyAdd(vb, direction, v128.load(q, 32));
    v128.store(q, q0);
    v128.store(q, q1, 16);
    v128.store(q, q2, 32);
    sum = multiplyAdd(unitsAt(q0, q1, q2, alpha, lowest), v128.load(output), sum);
    q += 48;
    output += 16;
  }
  return sum;
}

/** The same of two units that switch at one point. */
// @inline
function switchTwoUnitsAt(
  unit: usize,
  other: usize,
  a: usize,
  b: usize,
  weights: usize,
  second: i32,
  quadratics: usize,
  alpha: v128,
  lowest: v128,
  output: usize,
): v128 {
  const sign = signOf(b, unit);
  const va = f32x4.mul(sign, v128.load32_splat(a + unit * 4));
  const vb = f32x4.mul(sign, v128.load32_splat(b + unit * 4));
  const otherSign = signOf(b, other);
  const otherA = f32x4.mul(otherSign, v128.load32_splat(a + other * 4));
  const otherB = f32x4.mul(otherSign, v128.load32_splat(b + other * 4));
  const unitBytes: usize = <usize>second * 8;
  let sum = f32x4.splat(0);
  let q = quadratics;
  let w = weights + unit * unitBytes;
  let u = weights + other * unitBytes;
  for (const end = w + unitBytes; w < end; w += 32) {
    const centre = v128.load(w);
    const direction = v128.load(w, 16);
    const otherCentre = v128.load(u);
    const otherDirection = v128.load(u, 16);
    let q0 = multiplyAdd(va, centre, v128.load(q));
    let q1 = multiplyAdd(va, direction, multiplyAdd(vb, centre, v128.load(q, 16)));
    let q2 = multiplyAdd(vb, direction, v128.load(q, 32));
    q0 = multiplyAdd(otherA, otherCentre, q0);
    q1 = multiplyAdd(otherA, otherDirection, multiplyAdd(otherB, otherCentre, q1));
    q2 = multiplyAdd(otherB, otherDirection, q2);
    v128.store(q, q0);
    v128.store(q, q1, 16);
    v128.store(q, q2, 32);
    sum = multiplyAdd(unitsAt(q0, q1, q2, alpha, lowest), v128.load(output), sum);
    q += 48;
    u += 32;
    output += 16;
  }
  return sum;
}

/** Adds the squared errors of a row's predictions, each the sum of four lanes and of what `biases` has. */
// @inline
function addErrors(predictions: usize, points: i32, biases: usize, target: f64, sums: usize): void {
  const targets = f64x2.splat(target);
  let point: i32 = 0;
  for (; point + 3 < points; point += 4) {
    addFourErrors(
      v128.load(predictions),
      v128.load(predictions, 16),
      v128.load(predictions, 32),
      v128.load(predictions, 48),
      biases,
      targets,
      sums,
    );
    predictions += 64;
    biases += 16;
    sums += 32;
  }
  for (; point < points; point++) {
    const error = <f64>(lanesSum(v128.load(predictions)) + load<f32>(biases)) - target;
    store<f64>(sums, load<f64>(sums) + error * error);
    predictions += 16;
    biases += 4;
    sums += 8;
  }
}

/**
 * Adds the squared errors of `rows` rows at the `points` points of a line to `sums` (float64, one a
 * point).
 *
 * products: of each row, as `multiplyRows` makes them; y: rows; beta: where the line is, with three
 * sets; secondWeights: first × second/4 × (4 centre, 4 direction), secondBiases second/4 × the same;
 * outputs: points × second; outputBiases: points; alphas: points, evenly spaced from `start` in steps
 * of 1/inverseStep. `first` and `second` are multiples of 4, padded with zero weights.
 * Scratch: a, actives, switches, list and next (first × 4 bytes each, list 4 more), heads
 * ((points + 4) × 4, zero), quadratics (second × 12), predictions (points × 16).
 */
export function addSquaredErrors(
  products: usize,
  y: usize,
  rows: i32,
  first: i32,
  second: i32,
  sets: i32,
  beta: f32,
  secondWeights: usize,
  secondBiases: usize,
  outputs: usize,
  outputBiases: usize,
  alphas: usize,
  points: i32,
  start: f32,
  inverseStep: f32,
  floor: f32,
  a: usize,
  actives: usize,
  switches: usize,
  list: usize,
  next: usize,
  heads: usize,
  quadratics: usize,
  predictions: usize,
  sums: usize,
): void {
  const lowest = f32x4.splat(floor);
  const secondBytes: usize = <usize>second * 4;
  const quadraticsEnd: usize = quadratics + <usize>second * 12;
  const rowBytes: usize = <usize>(first * sets) * 4;
  // A point's head is the first unit that switches there, plus one; `next` chains them.
  memory.fill(heads, 0, (<usize>points + 4) * 4);

  for (let row: i32 = 0; row < rows; row++) {
    const b = products + <usize>first * 4;
    findSwitches(products, first, sets, beta, points, start, inverseStep, a, actives, switches);
    let end = list;
    for (let unit: i32 = 0; unit < first; unit++) {
      const at: usize = <usize>unit * 4;
      store<i32>(end, unit);
      end += load<i32>(actives + at) * 4;
      // Without a branch: what does not switch goes to the point beyond the last, which nobody visits.
      const head = heads + <usize>load<i32>(switches + at) * 4;
      store<i32>(next + at, load<i32>(head));
      store<i32>(head, unit + 1);
    }
    store<i32>(heads + <usize>points * 4, 0);
    sumUnits(list, end, a, b, secondWeights, secondBiases, second, quadratics);

    let point: i32 = 0;
    while (point < points) {
      const head = heads + <usize>point * 4;
      let chain = load<i32>(head);
      let output = outputs + <usize>point * secondBytes;
      const at: usize = <usize>point * 4;
      const told = predictions + <usize>point * 16;
      const alpha = v128.load32_splat(alphas + at);
      if (chain !== 0) {
        store<i32>(head, 0);
        let unit: usize = <usize>(chain - 1);
        chain = load<i32>(next + unit * 4);
        let prediction: v128;
        if (chain === 0) {
          prediction = switchUnitAt(
            unit,
            a,
            b,
            secondWeights,
            second,
            quadratics,
            alpha,
            lowest,
            output,
          );
        } else {
          let other: usize = <usize>(chain - 1);
          chain = load<i32>(next + other * 4);
          while (chain !== 0) {
            switchUnit(unit, a, b, secondWeights, second, quadratics);
            unit = other;
            other = <usize>(chain - 1);
            chain = load<i32>(next + other * 4);
          }
          prediction = switchTwoUnitsAt(
            unit,
            other,
            a,
            b,
            secondWeights,
            second,
            quadratics,
            alpha,
            lowest,
            output,
          );
        }
        v128.store(told, prediction);
        point++;
        continue;
      }
      if (point + 3 < points && (load<u64>(head, 4) | <u64>load<u32>(head, 12)) === 0) {
        // No unit switches at the next three points: all four share the quadratics.
        const alpha2 = v128.load32_splat(alphas + at, 4);
        const alpha3 = v128.load32_splat(alphas + at, 8);
        const alpha4 = v128.load32_splat(alphas + at, 12);
        let sum1 = f32x4.splat(0);
        let sum2 = sum1;
        let sum3 = sum1;
        let sum4 = sum1;
        for (let q = quadratics; q < quadraticsEnd; q += 48) {
          const q0 = v128.load(q);
          const q1 = v128.load(q, 16);
          const q2 = v128.load(q, 32);
          sum1 = multiplyAdd(unitsAt(q0, q1, q2, alpha, lowest), v128.load(output), sum1);
          sum2 = multiplyAdd(
            unitsAt(q0, q1, q2, alpha2, lowest),
            v128.load(output + secondBytes),
            sum2,
          );
          sum3 = multiplyAdd(
            unitsAt(q0, q1, q2, alpha3, lowest),
            v128.load(output + 2 * secondBytes),
            sum3,
          );
          sum4 = multiplyAdd(
            unitsAt(q0, q1, q2, alpha4, lowest),
            v128.load(output + 3 * secondBytes),
            sum4,
          );
          output += 16;
        }
        v128.store(told, sum1);
        v128.store(told, sum2, 16);
        v128.store(told, sum3, 32);
        v128.store(told, sum4, 48);
        point += 4;
      } else if (point + 1 < points && load<i32>(head, 4) === 0) {
        const alpha2 = v128.load32_splat(alphas + at, 4);
        let sum1 = f32x4.splat(0);
        let sum2 = sum1;
        for (let q = quadratics; q < quadraticsEnd; q += 48) {
          const q0 = v128.load(q);
          const q1 = v128.load(q, 16);
          const q2 = v128.load(q, 32);
          sum1 = multiplyAdd(unitsAt(q0, q1, q2, alpha, lowest), v128.load(output), sum1);
          sum2 = multiplyAdd(
            unitsAt(q0, q1, q2, alpha2, lowest),
            v128.load(output + secondBytes),
            sum2,
          );
          output += 16;
        }
        v128.store(told, sum1);
        v128.store(told, sum2, 16);
        point += 2;
      } else {
        let sum1 = f32x4.splat(0);
        for (let q = quadratics; q < quadraticsEnd; q += 48) {
          const units = unitsAt(v128.load(q), v128.load(q, 16), v128.load(q, 32), alpha, lowest);
          sum1 = multiplyAdd(units, v128.load(output), sum1);
          output += 16;
        }
        v128.store(told, sum1);
        point++;
      }
    }
    addErrors(predictions, points, outputBiases, <f64>load<f32>(y + <usize>row * 4), sums);
    products += rowBytes;
  }
}

/**
 * Adds to six sums (float64) the products of r, q and s over rows: r², rq, q², rs, qs, s². Of a row,
 * r is x·centre − y, q and s are the products with both directions. `weights`: of each feature, and
 * last of an input of 1, centre, first, second and zero, float64.
 */
export function addLinearSums(
  x: usize,
  y: usize,
  rows: i32,
  features: i32,
  weights: usize,
  plane: bool,
  sums: usize,
): void {
  const biases = weights + <usize>features * 32;
  let rr = f64x2.splat(0); // r², rq
  let qq = f64x2.splat(0); // qr, q²
  let rs = f64x2.splat(0); // rs, qs
  let ss = f64x2.splat(0); // s²
  for (let row: i32 = 0; row < rows; row++) {
    let rq = f64x2.sub(v128.load(biases), f64x2.replace_lane(f64x2.splat(0), 0, <f64>load<f32>(y)));
    let rq2 = f64x2.splat(0);
    let s = v128.load(biases, 16);
    let w = weights;
    const last = x + <usize>features * 4;
    if (plane) {
      for (; x < last; x += 4) {
        const value = f64x2.splat(<f64>load<f32>(x));
        rq = f64x2.add(rq, f64x2.mul(value, v128.load(w)));
        s = f64x2.add(s, f64x2.mul(value, v128.load(w, 16)));
        w += 32;
      }
    } else {
      for (; x + 4 < last; x += 8) {
        const value = f64x2.splat(<f64>load<f32>(x));
        const value2 = f64x2.splat(<f64>load<f32>(x, 4));
        rq = f64x2.add(rq, f64x2.mul(value, v128.load(w)));
        rq2 = f64x2.add(rq2, f64x2.mul(value2, v128.load(w, 32)));
        w += 64;
      }
      if (x < last) {
        rq = f64x2.add(rq, f64x2.mul(f64x2.splat(<f64>load<f32>(x)), v128.load(w)));
        x += 4;
      }
      rq = f64x2.add(rq, rq2);
    }
    const r = v128.shuffle<i64>(rq, rq, 0, 0);
    const q = v128.shuffle<i64>(rq, rq, 1, 1);
    rr = f64x2.add(rr, f64x2.mul(rq, r));
    qq = f64x2.add(qq, f64x2.mul(rq, q));
    if (plane) {
      const ssplat = v128.shuffle<i64>(s, s, 0, 0);
      rs = f64x2.add(rs, f64x2.mul(rq, ssplat));
      ss = f64x2.add(ss, f64x2.mul(s, s));
    }
    y += 4;
  }
  store<f64>(sums, load<f64>(sums) + f64x2.extract_lane(rr, 0));
  store<f64>(sums, load<f64>(sums, 8) + f64x2.extract_lane(rr, 1), 8);
  store<f64>(sums, load<f64>(sums, 16) + f64x2.extract_lane(qq, 1), 16);
  store<f64>(sums, load<f64>(sums, 24) + f64x2.extract_lane(rs, 0), 24);
  store<f64>(sums, load<f64>(sums, 32) + f64x2.extract_lane(rs, 1), 32);
  store<f64>(sums, load<f64>(sums, 40) + f64x2.extract_lane(ss, 0), 40);
}
