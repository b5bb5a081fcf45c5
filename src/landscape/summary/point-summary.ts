import { squaresAround, sumOf } from "./sums.js";

/** The quantiles of summary.parquet, the extremes among them, and the fraction of losses below each. */
export const quantiles = {
  min: 0,
  max: 1,
  q05: 0.05,
  q25: 0.25,
  q50: 0.5,
  q75: 0.75,
  q95: 0.95,
} as const;

/** The summary of the losses at a point: the columns of summary.parquet that are computed from them. */
export type PointSummary = Record<"mean" | "variance" | keyof typeof quantiles, number>;

/** One array per column, one number per point. */
export type SummaryColumns = Record<keyof PointSummary, Float64Array>;

const names = ["mean", "variance", "min", "max", "q05", "q25", "q50", "q75", "q95"] as const;

/** Columns of zeros for a number of points. */
export function emptyColumns(points: number): SummaryColumns {
  // The names are the keys, by the list above.
  return Object.fromEntries(
    names.map((name) => [name, new Float64Array(points)]),
  ) as SummaryColumns;
}

/** Writes the summary of a point into its row. */
export function putSummary(columns: SummaryColumns, point: number, summary: PointSummary): void {
  for (const name of names) columns[name][point] = summary[name];
}

/**
 * The summary of sorted losses, NaN last. An infinite loss counts, and makes mean and variance
 * infinite. If any loss is NaN, all of the summary is NaN.
 */
export function summariseSorted(values: Float64Array): PointSummary {
  const known = !Number.isNaN(values.at(-1));
  const at = (fraction: number): number => {
    const { low, high, weight } = quantileRanks(fraction, values.length);
    return known ? between(values[low]!, values[high]!, weight) : NaN;
  };
  return {
    ...moments(values),
    min: at(quantiles.min),
    max: at(quantiles.max),
    q05: at(quantiles.q05),
    q25: at(quantiles.q25),
    q50: at(quantiles.q50),
    q75: at(quantiles.q75),
    q95: at(quantiles.q95),
  };
}

/** Mean and sample variance (0 for a single number), in two passes. */
function moments(values: Float64Array): { mean: number; variance: number } {
  const count = values.length;
  const mean = sumOf(values) / count;
  if (count === 1 && !Number.isNaN(mean)) return { mean, variance: 0 };
  if (mean === Infinity) return { mean, variance: Infinity };
  return { mean, variance: squaresAround(values, mean) / (count - 1) };
}

/**
 * The ranks, from 0, of the two order statistics that a quantile lies between, and how far it is from
 * the lower to the higher (Hyndman and Fan 1996, type 7: NumPy's default).
 */
function quantileRanks(
  fraction: number,
  count: number,
): { low: number; high: number; weight: number } {
  const position = fraction * (count - 1);
  const low = Math.floor(position);
  const weight = position - low;
  return { low, high: weight === 0 ? low : low + 1, weight };
}

/** The number that lies between two order statistics. */
function between(low: number, high: number, weight: number): number {
  // Equal neighbours need no weighing, and ∞ − ∞ would not be a number.
  return low === high ? low : low + weight * (high - low);
}
