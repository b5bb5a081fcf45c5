import type { LossLog } from "./loss-log.js";
import { emptyColumns, putSummary, summariseSorted } from "./point-summary.js";
import type { PointSummary, SummaryColumns } from "./point-summary.js";
import { linesOf } from "./quadratic-lines.js";
import { summariseQuadratics } from "./quadratic-summary.js";
import { sortedLosses } from "./sorted-losses.js";
import { openSummaryKernel } from "./summary-kernel.js";

/**
 * What the batches' losses are like at each point, exactly: of all losses at each, in an order that
 * does not depend on how they were found. How they are read, or computed, is what suits their curves.
 */
export async function summarise(
  log: LossLog,
  batches: readonly number[],
  points: number,
  breathe: () => Promise<void>,
): Promise<SummaryColumns> {
  const summary = emptyColumns(points);
  const { quadratics } = log.curves;
  const lines = quadratics === undefined ? undefined : linesOf(log, quadratics, batches);
  if (lines !== undefined) {
    await summariseQuadratics(lines, summary, breathe);
    return summary;
  }
  const kernel = openSummaryKernel(batches.length);
  const losses = sortedLosses(log, batches, points, kernel.values, breathe);
  for (let point = 0; point < points;) {
    const end = point + (await losses.prepare(point));
    for (; point < end; point++) {
      losses.sort(point);
      putSummary(summary, point, summariseSorted(kernel));
      await breathe();
    }
  }
  return summary;
}

/** What some losses are like, as summaries have it. */
export function summariseLosses(losses: Float64Array): PointSummary {
  const kernel = openSummaryKernel(losses.length);
  // Typed arrays sort numerically, with NaN last.
  kernel.values.set(losses.toSorted());
  return summariseSorted(kernel);
}
