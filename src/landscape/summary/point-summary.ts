import type { SummaryKernel } from "./summary-kernel.js";

/** The quantiles of summary.parquet, with the extremes, and the part of the losses below each. */
export const quantiles = {
  min: 0,
  max: 1,
  q05: 0.05,
  q25: 0.25,
  q50: 0.5,
  q75: 0.75,
  q95: 0.95,
} as const;

/** What the losses at a point are like: the columns of summary.parquet that are told from them. */
export type PointSummary = Record<"mean" | "variance" | keyof typeof quantiles, number>;

/** One array a column, one number a point. */
export type SummaryColumns = Record<keyof PointSummary, Float64Array>;

const names = ["mean", "variance", "min", "max", "q05", "q25", "q50", "q75", "q95"] as const;

/** Columns for so many points. */
export function emptyColumns(points: number): SummaryColumns {
  // The names are the keys, by the list above.
  return Object.fromEntries(
    names.map((name) => [name, new Float64Array(points)]),
  ) as SummaryColumns;
}

/** Puts what is told of a point into its place. */
export function putSummary(columns: SummaryColumns, point: number, told: PointSummary): void {
  for (const name of names) columns[name][point] = told[name];
}

/** The ranks from which summaries of so many losses are made, ascending. */
export function ranksOf(count: number): number[] {
  const ranks = Object.values(quantiles).flatMap((fraction) => {
    const { low, high } = quantileRanks(fraction, count);
    return [low, high];
  });
  return [...new Set(ranks)].toSorted((one, other) => one - other);
}

/**
 * What sorted losses are like, NaN last. A loss of Infinity counts as one; a mean or a variance that
 * involves it is Infinity. Where a loss is not a number, nothing is.
 */
export function summariseSorted(kernel: SummaryKernel): PointSummary {
  const { values } = kernel;
  const known = !Number.isNaN(values.at(-1));
  return summariseRanks(kernel, known ? (rank) => values[rank]! : () => NaN);
}

/**
 * What losses are like that are in any order.
 *
 * @param valueOf the loss of a rank of `ranksOf`
 */
export function summariseRanks(
  kernel: SummaryKernel,
  valueOf: (rank: number) => number,
): PointSummary {
  const { mean, variance } = moments(kernel);
  const at = (fraction: number): number => {
    const { low, high, weight } = quantileRanks(fraction, kernel.values.length);
    return between(valueOf(low), valueOf(high), weight);
  };
  return {
    mean,
    variance,
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
function moments(kernel: SummaryKernel): { mean: number; variance: number } {
  const count = kernel.values.length;
  const mean = kernel.sum() / count;
  if (count === 1 && !Number.isNaN(mean)) return { mean, variance: 0 };
  if (mean === Infinity) return { mean, variance: Infinity };
  return { mean, variance: kernel.squaresAround(mean) / (count - 1) };
}

/**
 * The ranks, from 0, of the two order statistics that a quantile lies between, and how far it is from
 * the lower to the higher (Hyndman and Fan 1996, type 7: NumPy's default).
 */
export function quantileRanks(
  fraction: number,
  count: number,
): { low: number; high: number; weight: number } {
  const position = fraction * (count - 1);
  const low = Math.floor(position);
  const weight = position - low;
  return { low, high: weight === 0 ? low : low + 1, weight };
}

/** The number that lies between two order statistics. */
export function between(low: number, high: number, weight: number): number {
  // Equal neighbours need no weighing, and ∞ − ∞ would not be a number.
  return low === high ? low : low + weight * (high - low);
}
