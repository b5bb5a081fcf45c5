// What many batches' losses are like at one point. The loss of the linear model is c + α(l + αq) in
// each batch, and its batches keep about the same order from one point to the next: their
// coefficients stand in the order of the point before, which insertion sort mends. Two quadratics
// cross at most twice, so that all points of a line together cost no more shifts than there are
// pairs of batches, twice over.

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * Fills `values` (float64, as are the coefficients c, l and q) with the losses at α, and brings all
 * four arrays into ascending order of the values. Coefficients are finite. A mean of squares
 * that rounding makes negative is 0; one that overflows on the way is infinite.
 *
 * @returns whether that took no more than `patience` shifts; if not, the order is not reached
 */
export function sortQuadratics(
  c: usize, l: usize, q: usize, values: usize, count: i32, alpha: f64, patience: i64,
): bool {
  const alphas = f64x2.splat(alpha);
  const zero = f64x2.splat(0);
  const infinity = f64x2.splat(Infinity);
  const lowest = f64x2.splat(-Infinity);
  const bytes: usize = <usize>count * 8;
  let ordered = i64x2.splat(-1);
  let before = zero; // No loss is less.
  let at: usize = 0;
  for (; at + 8 < bytes; at += 16) {
    const slope = f64x2.add(v128.load(l + at), f64x2.mul(alphas, v128.load(q + at)));
    const loss = f64x2.add(v128.load(c + at), f64x2.mul(alphas, slope));
    const value = v128.or(
      v128.and(f64x2.gt(loss, zero), loss),
      v128.andnot(infinity, f64x2.gt(loss, lowest)),
    );
    v128.store(values + at, value);
    ordered = v128.and(ordered, f64x2.ge(value, v128.shuffle<i64>(before, value, 1, 2)));
    before = value;
  }
  let sorted = i64x2.all_true(ordered);
  if (at < bytes) {
    const loss = load<f64>(c + at) + alpha * (load<f64>(l + at) + alpha * load<f64>(q + at));
    const value = loss > 0 ? loss : loss > -Infinity ? 0 : Infinity;
    store<f64>(values + at, value);
    sorted = sorted && value >= f64x2.extract_lane(before, 1);
  }
  return sorted || mend(c, l, q, values, bytes, patience);
}

/** Insertion sort of all four arrays by the values. */
function mend(c: usize, l: usize, q: usize, values: usize, bytes: usize, patience: i64): bool {
  let previous = load<f64>(values);
  for (let at: usize = 8; at < bytes; at += 8) {
    const value = load<f64>(values + at);
    if (previous <= value) {
      previous = value;
      continue;
    }
    if (patience < 0) return false;
    const constant = load<f64>(c + at);
    const linear = load<f64>(l + at);
    const quadratic = load<f64>(q + at);
    let place = at;
    do {
      store<f64>(values + place, load<f64>(values + place - 8));
      store<f64>(c + place, load<f64>(c + place - 8));
      store<f64>(l + place, load<f64>(l + place - 8));
      store<f64>(q + place, load<f64>(q + place - 8));
      place -= 8;
    } while (place > 0 && load<f64>(values + place - 8) > value);
    store<f64>(values + place, value);
    store<f64>(c + place, constant);
    store<f64>(l + place, linear);
    store<f64>(q + place, quadratic);
    patience -= <i64>((at - place) >> 3);
  }
  return true;
}

/** The four sums of every fourth value, added. */
// @ts-ignore: decorator
@inline
function total(one: v128, other: v128): f64 {
  return (
    (f64x2.extract_lane(one, 0) + f64x2.extract_lane(one, 1)) +
    (f64x2.extract_lane(other, 0) + f64x2.extract_lane(other, 1))
  );
}

/** The sum of values. */
export function sumOf(values: usize, count: i32): f64 {
  let one = f64x2.splat(0);
  let other = f64x2.splat(0);
  const end = values + <usize>count * 8;
  for (; values + 24 < end; values += 32) {
    one = f64x2.add(one, v128.load(values));
    other = f64x2.add(other, v128.load(values, 16));
  }
  let sum = total(one, other);
  for (; values < end; values += 8) sum += load<f64>(values);
  return sum;
}

/** The sum of the squares of values' distances from a mean. */
export function squaresAround(values: usize, count: i32, mean: f64): f64 {
  let one = f64x2.splat(0);
  let other = f64x2.splat(0);
  const means = f64x2.splat(mean);
  const end = values + <usize>count * 8;
  for (; values + 24 < end; values += 32) {
    const first = f64x2.sub(v128.load(values), means);
    const second = f64x2.sub(v128.load(values, 16), means);
    one = f64x2.add(one, f64x2.mul(first, first));
    other = f64x2.add(other, f64x2.mul(second, second));
  }
  let sum = total(one, other);
  for (; values < end; values += 8) {
    const distance = load<f64>(values) - mean;
    sum += distance * distance;
  }
  return sum;
}
