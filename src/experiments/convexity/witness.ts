import { createPause } from "../../common/pause.js";
import type { DenseNetwork } from "../../model/index.js";
import { boundedLoss, type BoundedLoss, type ProofRows } from "./bounded-loss.js";

/** The losses at three points of a line. If the loss is convex, the middle lies on or below the chord of the others. */
export interface Witness {
  alphas: [number, number, number];
  losses: [number, number, number];
  /** How far the middle lies above the chord: positive only if the loss is not convex. */
  excess: number;
  /** A bound of the rounding error of the excess, by a running error analysis. */
  rounding: number;
  /** Whether there is no sign against convexity: the excess may be rounding. */
  convex: boolean;
}

/** Computes the losses of the rows, in float64, at three ascending points of a line. */
export async function witnessOf(
  line: { centre: DenseNetwork; directions: readonly DenseNetwork[] },
  alphas: [number, number, number],
  batch: ProofRows,
  signal?: AbortSignal,
): Promise<Witness> {
  const pause = createPause(signal);
  const ends = { centre: line.centre, direction: line.directions[0]! };
  const found: BoundedLoss[] = [];
  for (const alpha of alphas) found.push(await boundedLoss(ends, alpha, batch, pause));
  const [left, middle, right] = found as [BoundedLoss, BoundedLoss, BoundedLoss];
  const part = (alphas[1] - alphas[0]) / (alphas[2] - alphas[0]);
  const excess = middle.loss - (left.loss + part * (right.loss - left.loss));
  // The combination itself takes five operations.
  const rounding =
    1.01 *
    (middle.error +
      (1 - part) * left.error +
      part * right.error +
      8 * 2 ** -53 * (left.loss + middle.loss + right.loss));
  const losses: Witness["losses"] = [left.loss, middle.loss, right.loss];
  return { alphas, losses, excess, rounding, convex: !(excess > rounding) };
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
