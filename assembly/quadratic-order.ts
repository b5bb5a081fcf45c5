// The order of many quadratics c + α(l + αq) at one point after the other. It is about the same at
// neighbouring points: coefficients stand in the order of the point before, which insertion sort
// mends. Two quadratics cross at most twice, so that all points of a line together cost no more
// shifts than there are pairs of them, twice over.

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
