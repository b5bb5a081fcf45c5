import type { LossLog } from "./loss-log.js";
import { sortedLosses } from "./sorted-losses.js";
import { openSummaryKernel } from "./summary-kernel.js";
import type { SummaryKernel } from "./summary-kernel.js";

/** The columns of summary.parquet that are told from the losses at a point. */
const names = ["mean", "variance", "min", "max", "q05", "q25", "q50", "q75", "q95"] as const;

/** One array a column, one number a point. */
export type SummaryColumns = Record<(typeof names)[number], Float64Array>;

/**
 * What the batches' losses are like at each point, exactly: of sorted losses, so that it does not
 * depend on how they were found.
 */
export async function summarise(
  log: LossLog,
  batches: readonly number[],
  points: number,
  breathe: () => Promise<void>,
): Promise<SummaryColumns> {
  // The names are the keys, by the list above.
  const summary = Object.fromEntries(
    names.map((name) => [name, new Float64Array(points)]),
  ) as SummaryColumns;
  const kernel = openSummaryKernel(batches.length);
  const losses = sortedLosses(log, batches, points, kernel, breathe);
  for (let point = 0; point < points;) {
    const end = point + (await losses.prepare(point));
    for (; point < end; point++) {
      losses.sort(point);
      const found = summariseSorted(kernel);
      for (const name of names) summary[name][point] = found[name];
      await breathe();
    }
  }
  return summary;
}

/**
 * What some losses are like. Quantiles interpolate linearly between order statistics
 * (Hyndman and Fan 1996, type 7: NumPy's default). A loss of Infinity counts as one; a mean or a
 * variance that involves it is Infinity. Where a loss is not a number, nothing is.
 */
export function summariseLosses(losses: Float64Array): Record<keyof SummaryColumns, number> {
  const kernel = openSummaryKernel(losses.length);
  // Typed arrays sort numerically, with NaN last.
  kernel.values.set(losses.toSorted());
  return summariseSorted(kernel);
}

function summariseSorted(kernel: SummaryKernel): Record<keyof SummaryColumns, number> {
  const { values } = kernel;
  const { mean, variance } = moments(kernel);
  const known = !Number.isNaN(values.at(-1));
  const at = (fraction: number) => (known ? quantile(values, fraction) : NaN);
  return {
    mean,
    variance,
    min: at(0),
    max: at(1),
    q05: at(0.05),
    q25: at(0.25),
    q50: at(0.5),
    q75: at(0.75),
    q95: at(0.95),
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

/** The quantile of sorted numbers, fraction in [0, 1]. */
function quantile(sorted: Float64Array, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // Equal neighbours need no weighing, and ∞ − ∞ would not be a number.
  return low === high || position === below ? low : low + (position - below) * (high - low);
}
