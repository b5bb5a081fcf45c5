import type { LossLog } from "./loss-log.js";

/** Bytes of losses that are held at once. */
const heldBytes = 32 * 1024 * 1024;

/** One array a column of summary.parquet besides its points, one number a point. */
export type SummaryColumns = Record<
  "mean" | "variance" | "min" | "max" | "q05" | "q25" | "q50" | "q75" | "q95",
  Float64Array
>;

/**
 * What the batches' losses are like at each point, exactly: they are read from the log some points
 * at a time, each with all its batches, in the order of the batches. Memory depends on the points
 * and, of one point, on the batches alone.
 */
export async function summarise(
  log: LossLog,
  batches: readonly number[],
  points: number,
  breathe: () => Promise<void>,
): Promise<SummaryColumns> {
  const column = () => new Float64Array(points);
  const summary: SummaryColumns = {
    mean: column(),
    variance: column(),
    min: column(),
    max: column(),
    q05: column(),
    q25: column(),
    q50: column(),
    q75: column(),
    q95: column(),
  };
  const count = batches.length;
  const most = Math.max(1, Math.min(points, Math.floor(heldBytes / (8 * count))));
  // Point by point, so that the losses of one lie side by side.
  const losses = new Float64Array(most * count);
  for (let first = 0; first < points; first += most) {
    const block = Math.min(most, points - first);
    for (const [index, batch] of batches.entries()) {
      const part = log.read(batch, first, block);
      for (let point = 0; point < block; point++) losses[point * count + index] = part[point]!;
      await breathe();
    }
    for (let point = 0; point < block; point++) {
      const found = summariseLosses(losses.subarray(point * count, (point + 1) * count));
      for (const [name, values] of Object.entries(summary)) {
        // The columns are the fields of what was found.
        values[first + point] = found[name as keyof SummaryColumns];
      }
      await breathe();
    }
  }
  return summary;
}

/**
 * What some losses are like; sorts them. Quantiles interpolate linearly between order statistics
 * (Hyndman and Fan 1996, type 7: NumPy's default). A loss of Infinity counts as one; a mean or a
 * variance that involves it is Infinity. Where a loss is not a number, nothing is.
 */
export function summariseLosses(losses: Float64Array): Record<keyof SummaryColumns, number> {
  // Typed arrays sort numerically, with NaN last.
  losses.sort();
  const { mean, variance } = moments(losses);
  const known = !Number.isNaN(losses.at(-1));
  const at = (fraction: number) => (known ? quantile(losses, fraction) : NaN);
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
function moments(values: Float64Array): { mean: number; variance: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1 && !Number.isNaN(mean)) return { mean, variance: 0 };
  if (mean === Infinity) return { mean, variance: Infinity };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (count - 1) };
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
