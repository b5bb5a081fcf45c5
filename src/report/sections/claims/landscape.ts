import type { Texts } from "../../../language/index.js";
import type { LandscapeRecord, SliceCurve, SliceSummaryRow } from "../../../landscape/index.js";
import { heightAt, type PlaneGrid, type PlanePath } from "../plane.js";

/* What landscapes show, each in a sentence without a full stop, computed from their numbers. */

/** The index of the lowest loss; −1 if none is finite. */
function lowestIndex(losses: ArrayLike<number>): number {
  let lowest = -1;
  for (let index = 0; index < losses.length; index++) {
    const loss = losses[index] ?? NaN;
    if (Number.isFinite(loss) && (lowest < 0 || loss < (losses[lowest] ?? NaN))) lowest = index;
  }
  return lowest;
}

/** What the slices along a line show. */
export function claimOfSlices(
  texts: Texts,
  record: LandscapeRecord,
  curves: readonly SliceCurve[],
  summary: readonly SliceSummaryRow[],
): string {
  const means = summary.map(({ mean }) => mean);
  if (["model", "swap", "rescale"].includes(record.along)) return barrierClaim(texts, means);
  const lowest = lowestIndex(means);
  const last = record.alphas.length - 1;
  if (lowest < 0) return texts.claims.nowhereFinite;
  const isAtEnd = (index: number): boolean => index === 0 || index === last;
  const ofBatches = curves.map(({ losses }) => lowestIndex(losses));
  if (isAtEnd(lowest) && ofBatches.every(isAtEnd)) return texts.claims.fallsToEnd;
  const at = ofBatches.map((index) => record.alphas[index] ?? NaN);
  const apart = Math.max(...at) - Math.min(...at);
  if (at.length < 2 || curves.length < record.batches.length)
    return texts.claims.lowestAt(record.alphas[lowest] ?? NaN);
  return apart === 0
    ? texts.claims.sameLowest(at.length, at[0] ?? NaN)
    : texts.claims.ownFloors(at.length, apart);
}

/** Whether the mean loss rises above the straight line between two models. */
function barrierClaim(texts: Texts, means: readonly number[]): string {
  const last = means.length - 1;
  const [start, end] = [means[0] ?? NaN, means[last] ?? NaN];
  const rises = means.map((mean, index) => mean - (start + (index / last) * (end - start)));
  const highest = Math.max(...rises);
  // Less than a thousandth of the losses is not seen.
  return highest > 1e-3 * Math.max(start, end)
    ? texts.claims.barrier(highest)
    : texts.claims.noBarrier;
}

/** What the losses over a plane show. */
export function claimOfPlane(texts: Texts, grid: PlaneGrid, run: PlanePath | undefined): string {
  if (run?.betas !== undefined && run.alphas.length > 0) {
    const heights = run.alphas.map((alpha, at) => heightAt(grid, alpha, run.betas![at]!));
    const share = run.explained?.reduce((sum, part) => sum + part, 0) ?? NaN;
    return texts.claims.pathDown(heights[0] ?? NaN, heights.at(-1) ?? NaN, share);
  }
  const rows = grid.loss.map(lowestIndex);
  const row = lowestIndex(rows.map((index, at) => grid.loss[at]?.[index] ?? NaN));
  const [alpha, beta] = [grid.alphas[rows[row] ?? -1] ?? NaN, grid.betas[row] ?? NaN];
  return alpha === 0 && beta === 0
    ? texts.claims.centreLowest
    : texts.claims.planeLowest(alpha, beta);
}
