/*
 * Sums in a fixed order: eight partial sums, of every eighth number each. They do not wait for each other,
 * and round less than one running sum. The loops are written out, since they take most of a summary's time.
 */

/** The sum of numbers. */
export function sumOf(values: Float64Array): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  const whole = values.length - (values.length % 8);
  for (let at = 0; at < whole; at += 8) {
    a += values[at]!;
    b += values[at + 1]!;
    c += values[at + 2]!;
    d += values[at + 3]!;
    e += values[at + 4]!;
    f += values[at + 5]!;
    g += values[at + 6]!;
    h += values[at + 7]!;
  }
  let sum = a + c + (e + g) + (b + d + (f + h));
  for (let at = whole; at < values.length; at++) sum += values[at]!;
  return sum;
}

/** The sum of the squares of numbers' distances from a mean. */
export function squaresAround(values: Float64Array, mean: number): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  const whole = values.length - (values.length % 8);
  for (let at = 0; at < whole; at += 8) {
    a += square(values[at]! - mean);
    b += square(values[at + 1]! - mean);
    c += square(values[at + 2]! - mean);
    d += square(values[at + 3]! - mean);
    e += square(values[at + 4]! - mean);
    f += square(values[at + 5]! - mean);
    g += square(values[at + 6]! - mean);
    h += square(values[at + 7]! - mean);
  }
  let sum = a + c + (e + g) + (b + d + (f + h));
  for (let at = whole; at < values.length; at++) sum += square(values[at]! - mean);
  return sum;
}

function square(value: number): number {
  return value * value;
}
