/**
 * Evenly spaced numbers from start to end, as NumPy's linspace; a single number is the start. They are
 * computed as weighted means, so that an interval around zero is exactly symmetric and has 0 in it.
 *
 * @param endpoint false: the numbers are start + i·(end − start)/count
 */
export function linspace(
  start: number,
  end: number,
  count: number,
  endpoint: boolean,
): Float64Array {
  const intervals = Math.max(1, endpoint ? count - 1 : count);
  return Float64Array.from(
    { length: count },
    (_, index) => (start * (intervals - index) + end * index) / intervals,
  );
}
