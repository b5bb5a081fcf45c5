import { exactLosses, type Grid } from "../../landscape/index.js";

/** The rows whose losses are compared. */
export interface ProofRows {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

/** The losses at three points of a line. If the loss is convex, the middle lies on or below the chord of the others. */
export interface Witness {
  alphas: [number, number, number];
  losses: [number, number, number];
  /** How far the middle lies above the chord: positive only if the loss is not convex. */
  excess: number;
  /** An upper bound of the float64 rounding error of the excess. */
  rounding: number;
  /** Whether there is no sign against convexity: the excess may be rounding. */
  convex: boolean;
}

/** Computes the losses of the rows, in float64, at three ascending points of a line. */
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
 * An upper bound of the float64 rounding error of a mean over rows. A prediction takes some hundred operations
 * in sequence, and a mean sums over the rows; (rows + 1000)·2⁻⁵³ is a generous bound of the relative error of
 * a sum of non-negative terms.
 *
 * @param size of the mean
 */
export function roundingOf(rows: number, size: number): number {
  return (rows + 1000) * 2 ** -53 * 4 * size;
}

/** The three equally spaced points of a curve whose middle lies farthest above the chord of the others. */
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

/** The ends of a line, α = 0 and 1, and the highest point of a curve between them. */
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
