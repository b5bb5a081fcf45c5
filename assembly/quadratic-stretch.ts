// Order statistics and moments of many quadratics over a stretch of neighbouring points: what
// src/landscape/stretch.ts has to do for all of them, and at every point for the few that matter.

import { sortQuadratics } from "./quadratic-order";

/** Two numbers, or the last one alone and a zero. */
// @ts-ignore: decorator
@inline
function pairAt(place: usize, whole: bool): v128 {
  return whole ? v128.load(place) : v128.load64_zero(place);
}

/** Stores two numbers, or the first alone. */
// @ts-ignore: decorator
@inline
function storePair(place: usize, pair: v128, whole: bool): void {
  if (whole) v128.store(place, pair);
  else v128.store64_lane(place, pair, 0);
}

/** The sum of both lanes. */
// @ts-ignore: decorator
@inline
function both(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/**
 * Writes quadratics c + α(l + αq) as v + τ(s + τb) with τ = (α − centre)/reach: values, slopes and
 * bends. Into `sums` come the sums of the three, and the least v − |s| − |b| if it is below 0, or 0.
 */
export function expandQuadratics(
  c: usize, l: usize, q: usize, count: i32, centre: f64, reach: f64,
  values: usize, slopes: usize, bends: usize, sums: usize,
): void {
  const alphas = f64x2.splat(centre);
  const reaches = f64x2.splat(reach);
  let valueSum = f64x2.splat(0);
  let slopeSum = valueSum;
  let bendSum = valueSum;
  let least = valueSum;
  const bytes: usize = <usize>count * 8;
  for (let at: usize = 0; at < bytes; at += 16) {
    const whole = at + 8 < bytes;
    const quadratic = pairAt(q + at, whole);
    const rise = f64x2.mul(alphas, quadratic);
    const secant = f64x2.add(pairAt(l + at, whole), rise);
    const value = f64x2.add(pairAt(c + at, whole), f64x2.mul(alphas, secant));
    const slope = f64x2.mul(reaches, f64x2.add(secant, rise));
    // Not by the square, which could underflow.
    const bend = f64x2.mul(reaches, f64x2.mul(reaches, quadratic));
    storePair(values + at, value, whole);
    storePair(slopes + at, slope, whole);
    storePair(bends + at, bend, whole);
    valueSum = f64x2.add(valueSum, value);
    slopeSum = f64x2.add(slopeSum, slope);
    bendSum = f64x2.add(bendSum, bend);
    const lowest = f64x2.sub(f64x2.sub(value, f64x2.abs(slope)), f64x2.abs(bend));
    least = f64x2.pmin(least, lowest);
  }
  store<f64>(sums, both(valueSum));
  store<f64>(sums, both(slopeSum), 8);
  store<f64>(sums, both(bendSum), 16);
  store<f64>(sums, min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1)), 24);
}

/**
 * The sums of the products of values', slopes' and bends' distances from their means: into `sums`
 * vv, vs, vb, ss, sb, bb.
 */
export function sumProducts(
  values: usize, slopes: usize, bends: usize, count: i32,
  valueMean: f64, slopeMean: f64, bendMean: f64, sums: usize,
): void {
  const valueMeans = f64x2.splat(valueMean);
  const slopeMeans = f64x2.splat(slopeMean);
  const bendMeans = f64x2.splat(bendMean);
  let vv = f64x2.splat(0);
  let vs = vv;
  let vb = vv;
  let ss = vv;
  let sb = vv;
  let bb = vv;
  const bytes: usize = <usize>count * 8;
  const first = i64x2(-1, 0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const whole = at + 8 < bytes;
    let value = f64x2.sub(pairAt(values + at, whole), valueMeans);
    let slope = f64x2.sub(pairAt(slopes + at, whole), slopeMeans);
    let bend = f64x2.sub(pairAt(bends + at, whole), bendMeans);
    if (!whole) {
      value = v128.and(value, first);
      slope = v128.and(slope, first);
      bend = v128.and(bend, first);
    }
    vv = f64x2.add(vv, f64x2.mul(value, value));
    vs = f64x2.add(vs, f64x2.mul(value, slope));
    vb = f64x2.add(vb, f64x2.mul(value, bend));
    ss = f64x2.add(ss, f64x2.mul(slope, slope));
    sb = f64x2.add(sb, f64x2.mul(slope, bend));
    bb = f64x2.add(bb, f64x2.mul(bend, bend));
  }
  store<f64>(sums, both(vv));
  store<f64>(sums, both(vs), 8);
  store<f64>(sums, both(vb), 16);
  store<f64>(sums, both(ss), 24);
  store<f64>(sums, both(sb), 32);
  store<f64>(sums, both(bb), 40);
}

/**
 * Of expanded quadratics, finds those that may come within `margin` of a reference v + τ(s + τb)
 * somewhere in |τ| ≤ 1, and copies their coefficients c, l and q to three arrays from `candidates`
 * on, `stride` bytes apart.
 *
 * @param below where the number (int32) of quadratics that are surely below all the way is put
 * @returns how many candidates there are
 */
export function findCandidates(
  c: usize, l: usize, q: usize, count: i32,
  values: usize, slopes: usize, bends: usize,
  value: f64, slope: f64, bend: f64, margin: f64,
  candidates: usize, stride: usize, below: usize,
): i32 {
  const valueOf = f64x2.splat(value);
  const slopeOf = f64x2.splat(slope);
  const bendOf = f64x2.splat(bend);
  const upper = f64x2.splat(margin);
  const lower = f64x2.splat(-margin);
  let counts = i64x2.splat(0);
  let to = candidates;
  const bytes: usize = <usize>count * 8;
  for (let at: usize = 0; at < bytes; at += 16) {
    const whole = at + 8 < bytes;
    const distance = f64x2.sub(pairAt(values + at, whole), valueOf);
    const reach = f64x2.add(
      f64x2.abs(f64x2.sub(pairAt(slopes + at, whole), slopeOf)),
      f64x2.abs(f64x2.sub(pairAt(bends + at, whole), bendOf)),
    );
    let isBelow = f64x2.lt(f64x2.add(distance, reach), lower);
    const isAbove = f64x2.gt(f64x2.sub(distance, reach), upper);
    if (!whole) isBelow = v128.and(isBelow, i64x2(-1, 0));
    counts = i64x2.sub(counts, isBelow);
    const surely = v128.or(isBelow, isAbove);
    if (i64x2.all_true(surely)) continue;
    for (let lane: usize = 0; lane <= <usize>whole; lane++) {
      if (((i64x2.bitmask(surely) >> <i32>lane) & 1) !== 0) continue;
      const from = at + lane * 8;
      store<f64>(to, load<f64>(c + from));
      store<f64>(to + stride, load<f64>(l + from));
      store<f64>(to + 2 * stride, load<f64>(q + from));
      to += 8;
    }
  }
  store<i32>(below, <i32>(i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1)));
  return <i32>((to - candidates) >> 3);
}

/**
 * At each of some points, the candidates of two neighbouring ranks among themselves, `low` and
 * `high`, in order: their values, in `lows` and `highs`.
 *
 * @returns whether all values are within `margin` of the reference v + τ(s + τb); if not, quadratics
 *   that are no candidates may have these ranks
 */
export function followRanks(
  candidates: usize, stride: usize, count: i32, low: i32, high: i32,
  alphas: usize, taus: usize, points: i32,
  value: f64, slope: f64, bend: f64, margin: f64,
  lows: usize, highs: usize,
): bool {
  const losses = candidates + 3 * stride;
  const bytes: usize = <usize>points * 8;
  for (let at: usize = 0; at < bytes; at += 8) {
    sortQuadratics(
      candidates, candidates + stride, candidates + 2 * stride, losses, count,
      load<f64>(alphas + at), i64.MAX_VALUE,
    );
    const tau = load<f64>(taus + at);
    const reference = value + tau * (slope + tau * bend);
    const least = load<f64>(losses + <usize>low * 8);
    const most = load<f64>(losses + <usize>high * 8);
    if (!(least >= reference - margin && most <= reference + margin)) return false;
    store<f64>(lows + at, least);
    store<f64>(highs + at, most);
  }
  return true;
}
