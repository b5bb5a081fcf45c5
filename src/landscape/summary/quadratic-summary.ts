import type { PointSummary, SummaryColumns } from "./point-summary.js";
import { putSummary, ranksOf, summariseRanks, summariseSorted } from "./point-summary.js";
import type { QuadraticLines } from "./quadratic-lines.js";
import { createRankSelector } from "./select-ranks.js";
import { createStretches, mostCandidates } from "./stretch.js";
import { openQuadraticKernel } from "./summary-kernel.js";
import type { QuadraticKernel } from "./summary-kernel.js";

/** Fewer points than this are summarised one by one: a stretch of them costs as much. */
const shortest = 8;
/** Points of a stretch at the most. */
const longest = 8192;
/** Fewer batches than this are sorted at every point: to tell which of them matter costs as much. */
const fewest = 32;
/** Fewer batches than this are sorted as fast as their ranks are selected. */
const fewestSelected = 128;
/** Points that are summarised one by one, at the most, before a stretch is tried again. */
const longestPause = 512;
/** What a stretch costs, in candidates at a point for each batch. */
const stretchCost = 10;
/** Shifts a number, on average, after which a sort is left to the engine with its callback. */
const patience = 64;

/**
 * Summarises losses that are quadratics along each line, stretch of points by stretch (see
 * stretch.ts), as long as a point of it is cheaper than to sort all losses there: stretches become
 * longer while few batches matter in them, and shorter where many do. Where even the shortest does
 * not pay, all losses at a point are evaluated and the wanted ranks selected (select-ranks.ts). Few
 * losses, and those that overflow, are sorted, in the order of the last sort, which the kernel mends.
 */
export async function summariseQuadratics(
  lines: QuadraticLines,
  summary: SummaryColumns,
  breathe: () => Promise<void>,
): Promise<void> {
  const { alphas, betas, count } = lines;
  const kernel = openQuadraticKernel(count, Math.min(longest, alphas.length));
  const sort = createSorter(kernel);
  const stretches = createStretches(kernel, sort);
  const select = count < fewestSelected ? undefined : createRankSelector(count, ranksOf(count));
  let length = shortest;
  let pause = shortest;
  let untilNext = count < fewest ? Infinity : 0;

  function atPoint(alpha: number): PointSummary {
    if (select !== undefined) {
      kernel.evaluate(alpha);
      const valueOf = select(kernel.values);
      if (valueOf !== undefined) return summariseRanks(kernel, valueOf);
    }
    sort(alpha);
    return summariseSorted(kernel);
  }

  for (const [line, beta] of betas.entries()) {
    const first = line * alphas.length;
    for (const [index, part] of lines.coefficients(beta).entries()) {
      kernel.coefficients[index]!.set(part);
    }
    stretches.begin();
    for (let at = 0; at < alphas.length;) {
      await breathe();
      const left = alphas.length - at;
      if (untilNext > 0 || left < shortest) {
        putSummary(summary, first + at, atPoint(alphas[at]!));
        untilNext--;
        at++;
        continue;
      }
      const points = Math.min(length, left);
      const stretch = alphas.subarray(at, at + points);
      const evaluated = stretches.summarise(stretch, summary, first + at);
      if (evaluated === undefined) {
        if (points > shortest) {
          length = Math.max(shortest, points >> 1);
        } else {
          untilNext = pause;
          pause = Math.min(longestPause, 2 * pause);
        }
        continue;
      }
      pause = Math.max(shortest, pause >> 1);
      at += points;
      const cost = evaluated * points;
      // The rest of a line tells of no longer stretch.
      if (points < length) continue;
      // Of twice the points about twice as many are candidates.
      const fits = 2 * evaluated < mostCandidates * count;
      if (fits && 2 * cost < stretchCost * count) length = Math.min(longest, 2 * length);
      else if (cost > 2 * stretchCost * count) length = Math.max(shortest, length >> 1);
    }
  }
}

/** What fills a kernel's values with the losses at α, ascending. */
function createSorter({
  values,
  coefficients,
  sortQuadratics,
}: QuadraticKernel): (alpha: number) => void {
  const most = patience * values.length;

  /** Brings the coefficients into the order of the values. */
  function reorder(): void {
    const order = Uint32Array.from(values, (_, index) => index);
    order.sort((one, other) => values[one]! - values[other]!);
    for (const part of coefficients) {
      const before = part.slice();
      for (const [place, index] of order.entries()) part[place] = before[index]!;
    }
  }

  return (alpha) => {
    if (sortQuadratics(alpha, most)) return;
    reorder();
    sortQuadratics(alpha, most);
  };
}
