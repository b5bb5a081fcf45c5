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

/** Insertion sort of all four arrays by the values, which are nearly in order. */
function mend(c: usize, l: usize, q: usize, values: usize, bytes: usize, patience: i64): bool {
  let at: usize = 8;
  while (at < bytes) {
    if (at + 24 < bytes && followInOrder(values + at)) {
      at += 32;
      continue;
    }
    const stop = min(at + 32, bytes);
    for (; at < stop; at += 8) {
      const value = load<f64>(values + at);
      if (load<f64>(values + at - 8) <= value) continue;
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
  }
  return true;
}

/** Whether none of four values is less than the one before it. */
// @ts-ignore: decorator
@inline
function followInOrder(values: usize): bool {
  return i64x2.all_true(
    v128.and(
      f64x2.le(v128.load(values - 8), v128.load(values)),
      f64x2.le(v128.load(values + 8), v128.load(values, 16)),
    ),
  );
}

/** The sum of four vectors' lanes. */
// @ts-ignore: decorator
@inline
function total(one: v128, two: v128, three: v128, four: v128): f64 {
  const sum = f64x2.add(f64x2.add(one, two), f64x2.add(three, four));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The sum of values, of every eighth first: sums that do not wait for each other. */
export function sumOf(values: usize, count: i32): f64 {
  let one = f64x2.splat(0);
  let two = one;
  let three = one;
  let four = one;
  const end = values + <usize>count * 8;
  for (; values + 56 < end; values += 64) {
    one = f64x2.add(one, v128.load(values));
    two = f64x2.add(two, v128.load(values, 16));
    three = f64x2.add(three, v128.load(values, 32));
    four = f64x2.add(four, v128.load(values, 48));
  }
  let sum = total(one, two, three, four);
  for (; values < end; values += 8) sum += load<f64>(values);
  return sum;
}

/** The square of the distance of two values from a mean. */
// @ts-ignore: decorator
@inline
function squared(values: v128, means: v128): v128 {
  const distance = f64x2.sub(values, means);
  return f64x2.mul(distance, distance);
}

/** The sum of the squares of values' distances from a mean. */
export function squaresAround(values: usize, count: i32, mean: f64): f64 {
  let one = f64x2.splat(0);
  let two = one;
  let three = one;
  let four = one;
  const means = f64x2.splat(mean);
  const end = values + <usize>count * 8;
  for (; values + 56 < end; values += 64) {
    one = f64x2.add(one, squared(v128.load(values), means));
    two = f64x2.add(two, squared(v128.load(values, 16), means));
    three = f64x2.add(three, squared(v128.load(values, 32), means));
    four = f64x2.add(four, squared(v128.load(values, 48), means));
  }
  let sum = total(one, two, three, four);
  for (; values < end; values += 8) {
    const distance = load<f64>(values) - mean;
    sum += distance * distance;
  }
  return sum;
}
