/* Leaves out points that cannot be seen: for reports as they are written, and for charts in the browser. */

/** A series as it is drawn: `null` where there is a gap. */
export interface ThinnedPoints {
  x: (number | null)[];
  y: (number | null)[];
  /** Points whose x or y is NaN or infinite. */
  notFinite: number;
  /** Finite points that a logarithmic axis cannot show. */
  notPositive: number;
}

export interface ThinOptions {
  /** About the most points to keep. */
  limit: number;
  logX?: boolean;
  logY?: boolean;
}

/**
 * Thins a series of more than `limit` points so that its peaks and gaps survive. Of intervals of equal length
 * the lowest point, the highest and, if there is one, a gap are kept; of the series the first and the last point.
 */
export function thinPoints(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: ThinOptions,
): ThinnedPoints {
  const count = Math.min(x.length, y.length);
  const thinned: ThinnedPoints = { x: [], y: [], notFinite: 0, notPositive: 0 };
  const isDrawn = (index: number): boolean =>
    Number.isFinite(x[index]) &&
    Number.isFinite(y[index]) &&
    !(options.logX === true && x[index]! <= 0) &&
    !(options.logY === true && y[index]! <= 0);
  for (let index = 0; index < count; index++) {
    if (isDrawn(index)) continue;
    if (Number.isFinite(x[index]) && Number.isFinite(y[index])) thinned.notPositive++;
    else thinned.notFinite++;
  }
  for (const index of keptIndices(y, count, options.limit, isDrawn)) {
    thinned.x.push(Number.isFinite(x[index]) ? x[index]! : null);
    thinned.y.push(isDrawn(index) ? y[index]! : null);
  }
  return thinned;
}

function keptIndices(
  y: ArrayLike<number>,
  count: number,
  limit: number,
  isDrawn: (index: number) => boolean,
): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, index) => index);
  // At most three points of each interval are kept.
  const kept = intervals(count, Math.max(1, Math.floor(limit / 3))).flatMap(([from, to]) => {
    let [lowest, highest, gap] = [-1, -1, -1];
    for (let index = from; index < to; index++) {
      if (!isDrawn(index)) {
        gap = index;
        continue;
      }
      if (lowest < 0 || y[index]! < y[lowest]!) lowest = index;
      if (highest < 0 || y[index]! > y[highest]!) highest = index;
    }
    return [lowest, highest, gap].filter((index) => index >= 0);
  });
  return [...new Set([0, ...kept, count - 1])].toSorted((a, b) => a - b);
}

/** Cuts 0 … count into intervals of equal length, each without its end. */
function intervals(count: number, wanted: number): [from: number, to: number][] {
  return Array.from({ length: wanted }, (_, interval) => [
    Math.floor((interval * count) / wanted),
    Math.floor(((interval + 1) * count) / wanted),
  ]);
}

/** Thins a band to at most `limit` points: the lowest low and the highest high of each interval. */
export function thinBand(
  x: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  limit: number,
): { x: number[]; low: (number | null)[]; high: (number | null)[] } {
  const count = Math.min(x.length, low.length, high.length);
  const thinned: ReturnType<typeof thinBand> = { x: [], low: [], high: [] };
  for (const [from, to] of intervals(count, Math.min(count, limit))) {
    let lowest = Infinity;
    let highest = -Infinity;
    for (let index = from; index < to; index++) {
      lowest = Math.min(lowest, low[index]!);
      highest = Math.max(highest, high[index]!);
    }
    if (!Number.isFinite(x[from])) continue;
    const isFinite = Number.isFinite(lowest) && Number.isFinite(highest);
    thinned.x.push(x[from]!);
    thinned.low.push(isFinite ? lowest : null);
    thinned.high.push(isFinite ? highest : null);
  }
  return thinned;
}

/**
 * The points of a series within a range of x, with one neighbour on either side. All points of a series whose x
 * does not ascend.
 */
export function pointsWithin(
  x: Float64Array,
  y: Float64Array,
  range: readonly [number, number] | undefined,
): { x: Float64Array; y: Float64Array } {
  if (!range) return { x, y };
  for (let index = 1; index < x.length; index++) if (!(x[index]! >= x[index - 1]!)) return { x, y };
  let from = 0;
  let to = x.length;
  while (from < to && x[from + 1]! < range[0]) from++;
  while (to > from && x[to - 2]! > range[1]) to--;
  return { x: x.slice(from, to), y: y.slice(from, to) };
}
