// What many batches' losses are like at one point: sums of them here; what is about losses that are
// quadratics along a line is in the files that are named.

export { sortQuadratics } from "./quadratic-order";
export { expandQuadratics, findCandidates, followRanks, sumProducts } from "./quadratic-stretch";

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
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
