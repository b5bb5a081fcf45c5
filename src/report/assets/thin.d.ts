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

export function thinPoints(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: ThinOptions,
): ThinnedPoints;

export function thinBand(
  x: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  limit: number,
): { x: number[]; low: (number | null)[]; high: (number | null)[] };
