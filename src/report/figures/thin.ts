/* Leaves out points that would not be seen; for the writer of reports and for the page in the browser. */

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
 * The series is cut into stretches of equal length, and of each the lowest and the highest point
 * stay, with one gap where there was any, and the first and last point of the whole. Peaks and gaps
 * therefore survive. A series of at most `limit` points stays whole. Gaps are `null`.
 */
export function thinPoints(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: ThinOptions,
): ThinnedPoints {
  const count = Math.min(x.length, y.length);
  const drawn: ThinnedPoints = { x: [], y: [], notFinite: 0, notPositive: 0 };
  const isShown = (index: number): boolean =>
    Number.isFinite(x[index]) &&
    Number.isFinite(y[index]) &&
    !(options.logX === true && x[index]! <= 0) &&
    !(options.logY === true && y[index]! <= 0);
  const countGap = (index: number): void => {
    if (Number.isFinite(x[index]) && Number.isFinite(y[index])) drawn.notPositive++;
    else drawn.notFinite++;
  };
  const keep = (index: number): void => {
    drawn.x.push(Number.isFinite(x[index]) ? x[index]! : null);
    drawn.y.push(isShown(index) ? y[index]! : null);
  };

  if (count <= options.limit) {
    for (let index = 0; index < count; index++) {
      if (!isShown(index)) countGap(index);
      keep(index);
    }
    return drawn;
  }

  // Three points a stretch at the most.
  const stretches = Math.max(1, Math.floor(options.limit / 3));
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * count) / stretches);
    const to = Math.floor(((stretch + 1) * count) / stretches);
    let lowest = -1;
    let highest = -1;
    let gap = -1;
    for (let index = from; index < to; index++) {
      if (!isShown(index)) {
        countGap(index);
        gap = index;
        continue;
      }
      if (lowest < 0 || y[index]! < y[lowest]!) lowest = index;
      if (highest < 0 || y[index]! > y[highest]!) highest = index;
    }
    const kept = new Set([lowest, highest, gap]);
    if (stretch === 0) kept.add(from);
    if (stretch === stretches - 1) kept.add(to - 1);
    kept.delete(-1);
    for (const index of [...kept].toSorted((a, b) => a - b)) keep(index);
  }
  return drawn;
}

/** The band's edges, thinned as a pair: the lowest low and the highest high of each stretch. */
export function thinBand(
  x: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  limit: number,
): { x: number[]; low: (number | null)[]; high: (number | null)[] } {
  const count = Math.min(x.length, low.length, high.length);
  const stretches = Math.min(count, limit);
  const drawn: ReturnType<typeof thinBand> = { x: [], low: [], high: [] };
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * count) / stretches);
    const to = Math.floor(((stretch + 1) * count) / stretches);
    let lowest = Infinity;
    let highest = -Infinity;
    for (let index = from; index < to; index++) {
      lowest = Math.min(lowest, low[index]!);
      highest = Math.max(highest, high[index]!);
    }
    if (!Number.isFinite(x[from])) continue;
    const isWhole = Number.isFinite(lowest) && Number.isFinite(highest);
    drawn.x.push(x[from]!);
    drawn.low.push(isWhole ? lowest : null);
    drawn.high.push(isWhole ? highest : null);
  }
  return drawn;
}

/** The part of a series that lies within a range of x, with a neighbour on either side; all of one that is not sorted. */
export function within(
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
