// Losses of a ReLU network with few units, a row at a time. The quadratics of all segments of the row's line
// are computed first; then each point takes those of its segment. No branch depends on where units switch, so
// none is mispredicted. The quadratics of a row must fit the first-level cache.

import { findSwitches, sumUnits } from "./first-layer";
import { multiplyAdd } from "./multiply-add";
import { addFourErrors } from "./squared-errors";

/**
 * Lists the units that are active before their switch, and returns the list's end; `order` becomes all
 * units in the order of their switches, and `places` of each point how many have switched up to it: a
 * counting sort. `places` ((points + 4) × 4 bytes) must be zero; what does not switch counts as at the
 * point beyond the last. `points`: a multiple of 4.
 */
// @inline
function orderSwitches(
  actives: usize,
  switches: usize,
  first: i32,
  points: i32,
  list: usize,
  order: usize,
  places: usize,
): usize {
  let end = list;
  for (let unit: i32 = 0; unit < first; unit++) {
    const at: usize = <usize>unit * 4;
    store<i32>(end, unit);
    end += load<i32>(actives + at) * 4;
    const place = places + <usize>load<i32>(switches + at) * 4;
    store<i32>(place, load<i32>(place) + 1);
  }
  // How many switch at each point becomes how many switch before it.
  let before = i32x4.splat(0);
  const zero = before;
  const placesEnd = places + <usize>points * 4;
  for (let place = places; place <= placesEnd; place += 16) {
    const counts = v128.load(place);
    let sums = i32x4.add(counts, v128.shuffle<i32>(zero, counts, 0, 4, 5, 6));
    sums = i32x4.add(sums, v128.shuffle<i32>(zero, sums, 0, 1, 4, 5));
    sums = i32x4.add(sums, before);
    v128.store(place, i32x4.sub(sums, counts));
    before = v128.shuffle<i32>(sums, sums, 3, 3, 3, 3);
  }
  for (let unit: i32 = 0; unit < first; unit++) {
    const place = places + <usize>load<i32>(switches + <usize>unit * 4) * 4;
    const rank = load<i32>(place);
    store<i32>(place, rank + 1);
    store<i32>(order + <usize>rank * 4, unit);
  }
  return end;
}

/** One group of four units of `switchUnits`. */
// @inline
function switchGroup(
  from: usize,
  to: usize,
  va: v128,
  vb: v128,
  centre: v128,
  direction: v128,
): void {
  v128.store(to, multiplyAdd(va, centre, v128.load(from)));
  v128.store(to, multiplyAdd(va, direction, multiplyAdd(vb, centre, v128.load(from, 16))), 16);
  v128.store(to, multiplyAdd(vb, direction, v128.load(from, 32)), 32);
}

/**
 * The quadratics after each switch of `order` to `end`, one segment after the other, from those of the
 * first segment on, which are at `quadratics`: a unit with activation a + αb is added, or subtracted
 * where it was active before. `weights` as in `sumUnits`.
 */
// @inline
function switchUnits(
  order: usize,
  end: usize,
  a: usize,
  b: usize,
  weights: usize,
  second: i32,
  quadratics: usize,
): void {
  const segmentBytes: usize = <usize>second * 12;
  const unitBytes: usize = <usize>second * 8;
  let from = quadratics;
  let to = quadratics + segmentBytes;
  for (; order < end; order += 4) {
    const unit = <usize>load<u32>(order);
    // A unit that switches off has b < 0: its activation is taken away.
    const slope = v128.load32_splat(b + unit * 4);
    const sign = v128.and(slope, i32x4.splat(<i32>0x80000000));
    const va = v128.xor(v128.load32_splat(a + unit * 4), sign);
    const vb = v128.xor(slope, sign);
    let w = weights + unit * unitBytes;
    const last = w + unitBytes;
    for (; w + 32 < last; w += 64) {
      switchGroup(from, to, va, vb, v128.load(w), v128.load(w, 16));
      switchGroup(from + 48, to + 48, va, vb, v128.load(w, 32), v128.load(w, 48));
      from += 96;
      to += 96;
    }
    if (w < last) {
      switchGroup(from, to, va, vb, v128.load(w), v128.load(w, 16));
      from += 48;
      to += 48;
    }
  }
}

/** (q2·α + q1)·α + q0 of the quadratics at q, not below `lowest`, times the units' output weights. */
// @inline
function addOutputs(
  sum: v128,
  q0: v128,
  q1: v128,
  q2: v128,
  alpha: v128,
  lowest: v128,
  output: v128,
): v128 {
  const units = f32x4.pmax(multiplyAdd(multiplyAdd(q2, alpha, q1), alpha, q0), lowest);
  return multiplyAdd(units, output, sum);
}

/** `addOutputs` of the quadratics at `q`. */
// @inline
function addOutputsAt(sum: v128, q: usize, alpha: v128, lowest: v128, output: v128): v128 {
  return addOutputs(sum, v128.load(q), v128.load(q, 16), v128.load(q, 32), alpha, lowest, output);
}

/**
 * Predicts a row at every point, four points at a time, and adds the squared errors to `sums`.
 *
 * places: of each point the number of its segment, and zero afterwards; quadratics: of each segment
 * `segmentBytes`; the others as in `addSquaredErrorsBySegments`.
 */
export function addPredictions(
  places: usize,
  points: i32,
  quadratics: usize,
  segmentBytes: usize,
  outputs: usize,
  alphas: usize,
  floor: f32,
  biases: usize,
  target: f64,
  sums: usize,
): void {
  const lowest = f32x4.splat(floor);
  const targets = f64x2.splat(target);
  const placesEnd = places + <usize>points * 4;
  for (; places < placesEnd; places += 16) {
    const segment = load<i32>(places);
    const segment4 = load<i32>(places, 12);
    let q = quadratics + <usize>segment * segmentBytes;
    const end = q + segmentBytes;
    const alpha = v128.load32_splat(alphas);
    const alpha2 = v128.load32_splat(alphas, 4);
    const alpha3 = v128.load32_splat(alphas, 8);
    const alpha4 = v128.load32_splat(alphas, 12);
    let sum1 = f32x4.splat(0);
    let sum2 = sum1;
    let sum3 = sum1;
    let sum4 = sum1;
    if (segment === segment4) {
      for (; q < end; q += 48) {
        const q0 = v128.load(q);
        const q1 = v128.load(q, 16);
        const q2 = v128.load(q, 32);
        sum1 = addOutputs(sum1, q0, q1, q2, alpha, lowest, v128.load(outputs));
        sum2 = addOutputs(sum2, q0, q1, q2, alpha2, lowest, v128.load(outputs, 16));
        sum3 = addOutputs(sum3, q0, q1, q2, alpha3, lowest, v128.load(outputs, 32));
        sum4 = addOutputs(sum4, q0, q1, q2, alpha4, lowest, v128.load(outputs, 48));
        outputs += 64;
      }
    } else {
      let r = quadratics + <usize>load<i32>(places, 4) * segmentBytes;
      let s = quadratics + <usize>load<i32>(places, 8) * segmentBytes;
      let t = quadratics + <usize>segment4 * segmentBytes;
      // Two groups of units at a time: less of the time goes into the loop.
      for (; q + 48 < end; q += 96) {
        sum1 = addOutputsAt(sum1, q, alpha, lowest, v128.load(outputs));
        sum2 = addOutputsAt(sum2, r, alpha2, lowest, v128.load(outputs, 16));
        sum3 = addOutputsAt(sum3, s, alpha3, lowest, v128.load(outputs, 32));
        sum4 = addOutputsAt(sum4, t, alpha4, lowest, v128.load(outputs, 48));
        sum1 = addOutputsAt(sum1, q + 48, alpha, lowest, v128.load(outputs, 64));
        sum2 = addOutputsAt(sum2, r + 48, alpha2, lowest, v128.load(outputs, 80));
        sum3 = addOutputsAt(sum3, s + 48, alpha3, lowest, v128.load(outputs, 96));
        sum4 = addOutputsAt(sum4, t + 48, alpha4, lowest, v128.load(outputs, 112));
        outputs += 128;
        r += 96;
        s += 96;
        t += 96;
      }
      if (q < end) {
        sum1 = addOutputsAt(sum1, q, alpha, lowest, v128.load(outputs));
        sum2 = addOutputsAt(sum2, r, alpha2, lowest, v128.load(outputs, 16));
        sum3 = addOutputsAt(sum3, s, alpha3, lowest, v128.load(outputs, 32));
        sum4 = addOutputsAt(sum4, t, alpha4, lowest, v128.load(outputs, 48));
        outputs += 64;
      }
    }
    alphas += 16;
    v128.store(places, i32x4.splat(0));
    addFourErrors(sum1, sum2, sum3, sum4, biases, targets, sums);
    biases += 16;
    sums += 32;
  }
  v128.store(placesEnd, i32x4.splat(0));
}

/**
 * As `addSquaredErrors` of mlp-slice.ts, with these differences: `points` is a multiple of 4, and what is
 * told of points beyond the line's is of no use; outputs: points/4 × second/4 × (4 units of the first of
 * four points, of the second, …). Scratch: order (first × 4 bytes), places ((points + 4) × 4), quadratics
 * (second × 12 × (first + 1), which the first-level cache should hold), no predictions.
 */
export function addSquaredErrorsBySegments(
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
  order: usize,
  places: usize,
  quadratics: usize,
  sums: usize,
): void {
  const rowBytes: usize = <usize>(first * sets) * 4;
  memory.fill(places, 0, (<usize>points + 4) * 4);

  for (let row: i32 = 0; row < rows; row++) {
    const b = products + <usize>first * 4;
    findSwitches(products, first, sets, beta, points, start, inverseStep, a, actives, switches);
    const listEnd = orderSwitches(actives, switches, first, points, list, order, places);
    // Before the units that switch at no point come all those that do.
    const orderEnd = order + <usize>load<i32>(places + <usize>(points - 1) * 4) * 4;
    const target = <f64>load<f32>(y + <usize>row * 4);
    sumUnits(list, listEnd, a, b, secondWeights, secondBiases, second, quadratics);
    switchUnits(order, orderEnd, a, b, secondWeights, second, quadratics);
    addPredictions(
      places,
      points,
      quadratics,
      <usize>second * 12,
      outputs,
      alphas,
      floor,
      outputBiases,
      target,
      sums,
    );
    products += rowBytes;
  }
}
