import { formatNumber, formatPercent } from "../../../common/text/numbers.js";
import { countedExactly } from "../../../common/text/plurals.js";
import type { LandscapeRecord, SliceCurve, SliceSummaryRow } from "../../../landscape/index.js";
import { heightAt, type PlaneGrid, type PlanePath } from "../plane.js";

/* What landscapes show, each in a sentence without a full stop, computed from their numbers. */

function short(value: number): string {
  return formatNumber(Number(value.toPrecision(2)));
}

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
  record: LandscapeRecord,
  curves: readonly SliceCurve[],
  summary: readonly SliceSummaryRow[],
): string {
  const means = summary.map(({ mean }) => mean);
  if (["model", "swap", "rescale"].includes(record.along)) return barrierClaim(means);
  const lowest = lowestIndex(means);
  const last = record.alphas.length - 1;
  if (lowest < 0) return "The loss is nowhere finite on this line";
  const isAtEnd = (index: number): boolean => index === 0 || index === last;
  const ofBatches = curves.map(({ losses }) => lowestIndex(losses));
  if (isAtEnd(lowest) && ofBatches.every(isAtEnd))
    return "There is no lowest point within this line: the loss falls to its end";
  const at = ofBatches.map((index) => record.alphas[index] ?? NaN);
  const apart = Math.max(...at) - Math.min(...at);
  if (at.length < 2 || curves.length < record.batches.length)
    return `The loss is lowest at α = ${short(record.alphas[lowest] ?? NaN)}`;
  const many = countedExactly(at.length, "batch", "batches");
  return apart === 0
    ? `All ${many} have their lowest point at α = ${short(at[0] ?? NaN)}`
    : `Every batch has its own valley floor: ${many} put the lowest point up to ${short(apart)} apart`;
}

/** Whether the mean loss rises above the straight line between two models. */
function barrierClaim(means: readonly number[]): string {
  const last = means.length - 1;
  const [start, end] = [means[0] ?? NaN, means[last] ?? NaN];
  const rises = means.map((mean, index) => mean - (start + (index / last) * (end - start)));
  const highest = Math.max(...rises);
  // Less than a thousandth of the losses is not seen.
  return highest > 1e-3 * Math.max(start, end)
    ? `Between the two models the loss rises by ${short(highest)}: a barrier`
    : "There is no barrier between the two models";
}

/** What the losses over a plane show. */
export function claimOfPlane(grid: PlaneGrid, run: PlanePath | undefined): string {
  if (run?.betas !== undefined && run.alphas.length > 0) {
    const heights = run.alphas.map((alpha, at) => heightAt(grid, alpha, run.betas![at]!));
    const share = run.explained?.reduce((sum, part) => sum + part, 0) ?? NaN;
    return `The path goes from a loss of ${short(heights[0] ?? NaN)} down to ${short(heights.at(-1) ?? NaN)}; ${formatPercent(share)} of it lies in this plane`;
  }
  const rows = grid.loss.map(lowestIndex);
  const row = lowestIndex(rows.map((index, at) => grid.loss[at]?.[index] ?? NaN));
  const [alpha, beta] = [grid.alphas[rows[row] ?? -1] ?? NaN, grid.betas[row] ?? NaN];
  return alpha === 0 && beta === 0
    ? "Nothing in this plane is lower than the run’s weights"
    : `The lowest point of this plane lies at α = ${short(alpha)}, β = ${short(beta)}`;
}
