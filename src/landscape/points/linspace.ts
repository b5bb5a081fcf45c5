/**
 * Evenly spaced numbers from start to end (one number: the start). Without the endpoint:
 * start + i·(end − start)/count. Written as weighted means, so that an interval around zero has its
 * zero exactly and lies symmetric about it.
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
