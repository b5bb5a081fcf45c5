import type { LossLog } from "./loss-log.js";

/** Bytes of losses that are held at once. */
const heldBytes = 32 * 1024 * 1024;

/** The columns of summary.parquet that are told from the losses at a point. */
const names = ["mean", "variance", "min", "max", "q05", "q25", "q50", "q75", "q95"] as const;

/** One array a column, one number a point. */
export type SummaryColumns = Record<(typeof names)[number], Float64Array>;

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
  // The names are the keys, by the list above.
  const summary = Object.fromEntries(
    names.map((name) => [name, new Float64Array(points)]),
  ) as SummaryColumns;
  const count = batches.length;
  const most = Math.max(1, Math.min(points, Math.floor(heldBytes / (8 * count))));
  // A batch's losses lie side by side. An odd number of them in each row keeps those of one point
  // from sharing a few sets of the cache.
  const stride = most | 1;
  const losses = new Float64Array(stride * count);
  const sorter = createSorter(count);
  for (let first = 0; first < points; first += most) {
    const block = Math.min(most, points - first);
    for (const [index, batch] of batches.entries()) {
      log.readInto(losses.subarray(index * stride, index * stride + block), batch, first);
      await breathe();
    }
    for (let point = 0; point < block; point++) {
      const found = summariseSorted(sorter.sorted(losses, point, stride));
      for (const name of names) summary[name][first + point] = found[name];
      await breathe();
    }
  }
  return summary;
}

/** Shifts a number, on average, after which a sort is left to the engine. */
const patience = 16;

interface Sorter {
  /** values[at], values[at + stride], … in ascending order, NaN last; valid until the next call. */
  sorted(values: Float64Array, at: number, stride: number): Float64Array;
}

/**
 * Sorts as many numbers again and again, where the order is about the same each time: the losses of
 * batches at neighbouring points. They are taken in the order of the time before, which insertion
 * sort then mends. Where that takes too long, the engine sorts, and the order that was reached so
 * far is where the next time begins.
 */
function createSorter(count: number): Sorter {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const sorted = new Float64Array(count);
  return {
    sorted(values, at, stride) {
      for (let index = 0; index < count; index++) {
        sorted[index] = values[order[index]! * stride + at]!;
      }
      let shifts = patience * count;
      for (let index = 1; index < count; index++) {
        const value = sorted[index]!;
        if (sorted[index - 1]! <= value) continue;
        // Out of its place, or beside what is not a number.
        if (shifts <= 0 || Number.isNaN(sorted[index - 1]! - value)) {
          sorted.sort();
          break;
        }
        const owner = order[index]!;
        let place = index;
        for (; place > 0 && sorted[place - 1]! > value; place--) {
          sorted[place] = sorted[place - 1]!;
          order[place] = order[place - 1]!;
        }
        sorted[place] = value;
        order[place] = owner;
        shifts -= index - place;
      }
      return sorted;
    },
  };
}

/**
 * What some losses are like; sorts them. Quantiles interpolate linearly between order statistics
 * (Hyndman and Fan 1996, type 7: NumPy's default). A loss of Infinity counts as one; a mean or a
 * variance that involves it is Infinity. Where a loss is not a number, nothing is.
 */
export function summariseLosses(losses: Float64Array): Record<keyof SummaryColumns, number> {
  // Typed arrays sort numerically, with NaN last.
  losses.sort();
  return summariseSorted(losses);
}

function summariseSorted(losses: Float64Array): Record<keyof SummaryColumns, number> {
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
  let sum = 0;
  for (let index = 0; index < count; index++) sum += values[index]!;
  const mean = sum / count;
  if (count === 1 && !Number.isNaN(mean)) return { mean, variance: 0 };
  if (mean === Infinity) return { mean, variance: Infinity };
  let squares = 0;
  for (let index = 0; index < count; index++) squares += (values[index]! - mean) ** 2;
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
