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
 * Leaves out points that would not be seen, so that a long series can be drawn: the series is cut
 * into stretches of equal length, and of each the lowest and the highest point stay, with one gap
 * where there was any, and the first and last point of the whole. Peaks and gaps therefore survive.
 * A series of at most `limit` points stays whole.
 */
export function thinPoints(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: ThinOptions,
): ThinnedPoints {
  const count = Math.min(x.length, y.length);
  const drawn: ThinnedPoints = { x: [], y: [], notFinite: 0, notPositive: 0 };

  const isShown = (index: number): boolean => {
    const [atX, atY] = [x[index] ?? NaN, y[index] ?? NaN];
    if (!Number.isFinite(atX) || !Number.isFinite(atY)) return false;
    return !(options.logX === true && atX <= 0) && !(options.logY === true && atY <= 0);
  };
  const countGap = (index: number): void => {
    if (Number.isFinite(x[index] ?? NaN) && Number.isFinite(y[index] ?? NaN)) drawn.notPositive++;
    else drawn.notFinite++;
  };
  const keep = (index: number): void => {
    const atX = x[index] ?? NaN;
    drawn.x.push(Number.isFinite(atX) ? atX : null);
    drawn.y.push(isShown(index) ? (y[index] ?? null) : null);
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
      if (lowest < 0 || (y[index] ?? 0) < (y[lowest] ?? 0)) lowest = index;
      if (highest < 0 || (y[index] ?? 0) > (y[highest] ?? 0)) highest = index;
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
  const drawn: { x: number[]; low: (number | null)[]; high: (number | null)[] } = {
    x: [],
    low: [],
    high: [],
  };
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * count) / stretches);
    const to = Math.floor(((stretch + 1) * count) / stretches);
    let lowest = Infinity;
    let highest = -Infinity;
    for (let index = from; index < to; index++) {
      lowest = Math.min(lowest, low[index] ?? NaN);
      highest = Math.max(highest, high[index] ?? NaN);
    }
    const atX = x[from] ?? NaN;
    const whole = Number.isFinite(lowest) && Number.isFinite(highest);
    if (!Number.isFinite(atX)) continue;
    drawn.x.push(atX);
    drawn.low.push(whole ? lowest : null);
    drawn.high.push(whole ? highest : null);
  }
  return drawn;
}
