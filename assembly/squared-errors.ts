// How far predictions at the points of a line are from a row's target.

/** The sums of the lanes of two vectors' halves: 0 + 2 and 1 + 3 of one, then of the other. */
// @inline
function halvesSums(one: v128, other: v128): v128 {
  return f32x4.add(
    v128.shuffle<i32>(one, other, 0, 1, 4, 5),
    v128.shuffle<i32>(one, other, 2, 3, 6, 7),
  );
}

/**
 * Adds the squared errors at four points to `sums` (float64): each point's prediction is the sum of the
 * lanes of its vector and of what `biases` has; `targets`: the row's target, twice.
 */
// @inline
export function addFourErrors(
  sum1: v128,
  sum2: v128,
  sum3: v128,
  sum4: v128,
  biases: usize,
  targets: v128,
  sums: usize,
): void {
  const one = halvesSums(sum1, sum2);
  const other = halvesSums(sum3, sum4);
  const all = f32x4.add(
    f32x4.add(v128.shuffle<i32>(one, other, 0, 2, 4, 6), v128.shuffle<i32>(one, other, 1, 3, 5, 7)),
    v128.load(biases),
  );
  const error = f64x2.sub(f64x2.promote_low_f32x4(all), targets);
  const high = v128.shuffle<i64>(all, all, 1, 0);
  const error2 = f64x2.sub(f64x2.promote_low_f32x4(high), targets);
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.mul(error, error)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.mul(error2, error2)), 16);
}
