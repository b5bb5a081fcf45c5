/**
 * The sum of numbers in a fixed order: eight partial sums, of every eighth number each, which do not wait
 * for each other and round less than one running sum.
 */
export function sumOf(values: Float64Array): number {
  return laneSum(values, 0, (value) => value);
}

/** The sum of the squares of numbers' distances from a mean, in the same order. */
export function squaresAround(values: Float64Array, mean: number): number {
  return laneSum(values, mean, (value, from) => (value - from) * (value - from));
}

function laneSum(
  values: Float64Array,
  mean: number,
  term: (value: number, mean: number) => number,
): number {
  const lanes = new Float64Array(8);
  const whole = values.length - (values.length % 8);
  for (let index = 0; index < whole; index += 8) {
    for (let lane = 0; lane < 8; lane++) {
      lanes[lane] = lanes[lane]! + term(values[index + lane]!, mean);
    }
  }
  const pairs = [0, 1].map(
    (lane) => lanes[lane]! + lanes[lane + 2]! + (lanes[lane + 4]! + lanes[lane + 6]!),
  );
  let sum = pairs[0]! + pairs[1]!;
  for (let index = whole; index < values.length; index++) sum += term(values[index]!, mean);
  return sum;
}
