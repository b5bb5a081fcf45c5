import { exactLosses, type Grid } from "../../landscape/index.js";

/** Rows of a proof. */
export interface ProofRows {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

/** Three points of a line; convexity wants the middle to lie on or below the chord of the others. */
export interface Witness {
  alphas: [number, number, number];
  losses: [number, number, number];
  /** By how much the middle lies above the chord: positive only where the loss is not convex. */
  excess: number;
  /** How much of it float64 rounding could be at the most. */
  rounding: number;
  /** Whether there is no sign against convexity: the excess could be rounding. */
  convex: boolean;
}

/** The losses of the rows in float64 at three points of a line, ascending. */
export async function witnessOf(
  line: Pick<Grid, "centre" | "directions">,
  alphas: [number, number, number],
  batch: ProofRows,
): Promise<Witness> {
  const grid = { ...line, alphas: Float64Array.from(alphas), betas: Float64Array.of(0) };
  const found = await exactLosses(grid, batch, () => Promise.resolve());
  const [left = NaN, middle = NaN, right = NaN] = found;
  const part = (alphas[1] - alphas[0]) / (alphas[2] - alphas[0]);
  const excess = middle - (left + part * (right - left));
  const rounding = roundingOf(batch.rows, left + middle + right);
  return { alphas, losses: [left, middle, right], excess, rounding, convex: !(excess > rounding) };
}

/**
 * What float64 rounding may add to a mean over rows, of this size. Each prediction is some hundred
 * operations deep and each mean a sum over the rows; a relative error of (rows + 1000)·2⁻⁵³ bounds a
 * sum of non-negative terms generously.
 */
export function roundingOf(rows: number, size: number): number {
  return (rows + 1000) * 2 ** -53 * 4 * size;
}

/** The equally spaced points of a curve whose middle lies farthest above the chord of the others. */
export function mostAboveChord(
  alphas: readonly number[],
  losses: readonly number[],
): [number, number, number] {
  let worst = -Infinity;
  let found: [number, number, number] = [0, 0.5, 1];
  for (let middle = 1; middle < alphas.length - 1; middle++) {
    for (let reach = 1; reach <= Math.min(middle, alphas.length - 1 - middle); reach++) {
      const [left, right] = [middle - reach, middle + reach];
      const excess = losses[middle]! - (losses[left]! + losses[right]!) / 2;
      if (excess <= worst) continue;
      worst = excess;
      found = [alphas[left]!, alphas[middle]!, alphas[right]!];
    }
  }
  return found;
}

/** The ends of a line from α = 0 to 1, and between them the point of a curve where it is highest. */
export function highestBetween(
  alphas: readonly number[],
  losses: readonly number[],
): [number, number, number] {
  let highest = -Infinity;
  let middle = 0.5;
  for (const [at, alpha] of alphas.entries()) {
    if (alpha <= 0 || alpha >= 1 || losses[at]! <= highest) continue;
    highest = losses[at]!;
    middle = alpha;
  }
  return [0, middle, 1];
}
