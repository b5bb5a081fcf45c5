import type { LossLog } from "./loss-log.js";
import { emptyColumns, putSummary, summariseSorted } from "./point-summary.js";
import type { PointSummary, SummaryColumns } from "./point-summary.js";
import { sortedLosses } from "./sorted-losses.js";

/**
 * Summarises the losses of all batches at each point. Quantiles are exact: the losses at a point are
 * sorted. The result depends on the losses alone, not on the order in which they were found.
 */
export async function summarise(
  log: LossLog,
  batches: readonly number[],
  points: number,
  pause: () => Promise<void>,
): Promise<SummaryColumns> {
  const summary = emptyColumns(points);
  const values = new Float64Array(batches.length);
  const losses = sortedLosses(log, batches, points, values, pause);
  for (let point = 0; point < points;) {
    const end = point + (await losses.prepare(point));
    for (; point < end; point++) {
      losses.sort(point);
      putSummary(summary, point, summariseSorted(values));
      await pause();
    }
  }
  return summary;
}

/** The summary of some losses in any order. */
export function summariseLosses(losses: Float64Array): PointSummary {
  // Typed arrays sort numerically, with NaN last.
  return summariseSorted(losses.toSorted());
}
