import type { SliceCurve, SliceSummaryRow } from "./types.js";

/**
 * What the batches' losses are like at each point. Quantiles interpolate linearly between order
 * statistics (Hyndman and Fan 1996, type 7: NumPy's default). A loss of Infinity counts as one; a
 * mean or a variance that involves it is Infinity. Where a loss is not a number, nothing is.
 */
export function summarise(
  slice: number,
  alphas: Float64Array,
  curves: readonly SliceCurve[],
): SliceSummaryRow[] {
  const losses = new Float64Array(curves.length);
  return Array.from(alphas, (alpha, point) => {
    for (const [index, curve] of curves.entries()) losses[index] = curve.losses[point]!;
    // Typed arrays sort numerically, with NaN last.
    losses.sort();
    const { mean, variance } = moments(losses);
    const known = !Number.isNaN(losses.at(-1));
    const at = (fraction: number) => (known ? quantile(losses, fraction) : NaN);
    return {
      slice,
      alpha,
      mean,
      variance,
      min: at(0),
      max: at(1),
      q05: at(0.05),
      q25: at(0.25),
      q50: at(0.5),
      q75: at(0.75),
      q95: at(0.95),
      batches: curves.length,
    };
  });
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
