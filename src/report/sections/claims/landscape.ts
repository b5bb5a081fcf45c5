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

/**
 * Where the lowest point lies: that of the parabola through the lowest value and its neighbours; 0 where it is nearer to
 * that than a millionth of the line, which is less than the parabola is good for.
 */
function lowestAlpha(alphas: readonly number[], losses: ArrayLike<number>): number {
  const at = lowestIndex(losses);
  const [before, here, after] = [losses[at - 1] ?? NaN, losses[at] ?? NaN, losses[at + 1] ?? NaN];
  const [left, centre, right] = [alphas[at - 1] ?? NaN, alphas[at] ?? NaN, alphas[at + 1] ?? NaN];
  const falls = (here - before) / (centre - left);
  const rises = (after - here) / (right - centre);
  const bend = (2 * (rises - falls)) / (right - left);
  const moved = -(falls + (bend * (centre - left)) / 2) / bend;
  const lowest = Number.isFinite(moved) ? centre + moved : centre;
  return Math.abs(lowest) < 1e-6 * ((alphas.at(-1) ?? 0) - (alphas[0] ?? 0)) ? 0 : lowest;
}

/** What the slices along a line show. */
export function claimOfSlices(
  texts: Texts,
  record: LandscapeRecord,
  curves: readonly SliceCurve[],
  summary: readonly SliceSummaryRow[],
): string {
  const means = summary.map(({ mean }) => mean);
  if (["model", "swap", "rescale"].includes(record.along))
    return barrierClaim(texts, record, means);
  const lowest = lowestIndex(means);
  const last = record.alphas.length - 1;
  if (lowest < 0) return texts.claims.nowhereFinite;
  const isAtEnd = (index: number): boolean => index === 0 || index === last;
  const ofBatches = curves.map(({ losses }) => lowestIndex(losses));
  if (isAtEnd(lowest) && ofBatches.every(isAtEnd)) return texts.claims.fallsToEnd;
  const at = curves.map(({ losses }) => lowestAlpha(record.alphas, losses));
  const apart = Math.max(...at) - Math.min(...at);
  if (at.length < 2 || curves.length < record.batches.length)
    return texts.claims.lowestAt(lowestAlpha(record.alphas, means));
  // As good as equal: less than what rounding and the parabolas leave.
  return apart < 1e-6 * (record.alphas[last]! - record.alphas[0]!)
    ? texts.claims.sameLowest(at.length, at[0] ?? NaN)
    : texts.claims.ownFloors(at.length, apart);
}

/** How far the mean loss between two models rises above both, or above the line between them; or that it only falls. */
function barrierClaim(texts: Texts, record: LandscapeRecord, means: readonly number[]): string {
  const { barrier, unaligned } = record;
  if (barrier === undefined) return texts.claims.betweenModels;
  const { height, start, end, rise } = barrier;
  // Less than a thousandth of the losses is not seen.
  const least = 1e-3 * Math.max(start, end);
  if (unaligned !== undefined) {
    return unaligned.height - height > least
      ? texts.claims.aligned(unaligned.height, height)
      : texts.claims.alignedInVain(unaligned.height, height);
  }
  const between = means.filter((_, at) => {
    const alpha = record.alphas[at] ?? NaN;
    return alpha >= 0 && alpha <= 1;
  });
  const highest = Math.max(...between) - Math.max(start, end);
  if (highest > least) return texts.claims.barrier(highest);
  if (height > least) return texts.claims.aboveChord(height);
  return rise === 0 && Math.abs(start - end) > 100 * least
    ? texts.claims.onlyFalls(Math.max(start, end), Math.min(start, end))
    : texts.claims.noBarrier;
}

/** What the losses over a plane show. */
export function claimOfPlane(
  texts: Texts,
  grid: PlaneGrid,
  run: PlanePath | undefined,
  centre: number,
): string {
  if (run?.betas !== undefined && run.alphas.length > 0) {
    const heights = run.alphas.map((alpha, at) => heightAt(grid, alpha, run.betas![at]!));
    const share = run.explained?.reduce((sum, part) => sum + part, 0) ?? NaN;
    return texts.claims.pathDown(heights[0] ?? NaN, heights.at(-1) ?? NaN, share);
  }
  const rows = grid.loss.map(lowestIndex);
  const row = lowestIndex(rows.map((index, at) => grid.loss[at]?.[index] ?? NaN));
  const [alpha, beta] = [grid.alphas[rows[row] ?? -1] ?? NaN, grid.betas[row] ?? NaN];
  return alpha === centre && beta === centre
    ? texts.claims.centreLowest
    : texts.claims.planeLowest(alpha, beta);
}
