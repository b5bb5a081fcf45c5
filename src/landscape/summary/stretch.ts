import { between, quantileRanks, quantiles } from "./point-summary.js";
import type { SummaryColumns } from "./point-summary.js";
import { momentsOf } from "./stretch-moments.js";
import type { Expansion, QuadraticKernel } from "./summary-kernel.js";

/** The quantiles, those first about whose ranks losses are dense: where many are candidates, they tell. */
const names = ["q50", "q25", "q75", "q05", "q95", "min", "max"] as const;
/** Batches to either side of two ranks that tell how curves about them run. */
const neighbours = 8;
/** A stretch does not pay where more than this part of the batches are candidates, all in all. */
export const mostCandidates: number = 0.125;
/** What a margin becomes from one stretch to the next, as long as it suffices. */
const narrowing = 0.9;
/** Margins, in what neighbours go away from the reference on average, at the least and the most. */
const breadths = [1 / 16, 16] as const;

/** Summaries of neighbouring points on a line, whose coefficients a kernel holds. */
export interface Stretches {
  /** Takes up the coefficients of another line. */
  begin(): void;
  /**
   * Summarises some points, if that pays.
   *
   * @param alphas of the points, as many as the kernel has room for at the most
   * @param first the place of the first of them in the summary
   * @returns how many losses were evaluated at each point; undefined where nothing is known
   */
  summarise(alphas: Float64Array, summary: SummaryColumns, first: number): number | undefined;
}

/** Two neighbouring ranks and a curve between them. */
interface Between {
  low: number;
  high: number;
  reference: Expansion;
  /** How far the losses of these ranks are from the reference at the centre. */
  gap: number;
  /** How far batches of about these ranks go away from it, on average. */
  spread: number;
}

/**
 * Summarises stretches of points. With h the stretch's half-length and τ = (α − centre)/h, a batch's
 * loss is v + τ(s + τb), and from its distance v − v′ to a reference v′ + τ(s′ + τb′) it departs by at
 * most |s − s′| + |b − b′|. Batches are in order at the centre; the reference lies between the two
 * whose ranks are wanted, and runs as their neighbours do on average. Batches that come within a margin of
 * it somewhere are candidates; each of the others is farther below, or above, all the way. At each
 * point the candidates' losses are evaluated, to the bits that all losses would be. Those that have the
 * ranks among the candidates have them among all batches, if they are within the margin themselves;
 * where they are not, the margin is widened.
 *
 * Rounding: let A be the largest |α| and M = max|c| + A(max|l| + A·max|q|). All |v| ≤ M, |s| ≤ 2M and
 * |b| ≤ M, and nothing on the way to a loss, a distance or a comparison is above 12M, or all batches
 * are candidates. Added up, operation by operation, what is rounded is less than 90·2⁻⁵³·M, and where
 * numbers underflow less than 2⁻¹⁰⁷⁰(1 + A)² besides. That a batch is farther than the margin counts
 * only where it is so by more than twice as much. Losses below 0 are taken as 0, which keeps their order.
 */
export function createStretches(kernel: QuadraticKernel, sort: (alpha: number) => void): Stretches {
  const { coefficients, expansions, taus, lows, highs } = kernel;
  const [values, slopes, bends] = expansions as [Float64Array, Float64Array, Float64Array];
  const count = values.length;
  const largest = [0, 0, 0];
  const ranks = names.map((name) => ({
    name,
    ...quantileRanks(quantiles[name], count),
    breadth: 1,
  }));

  /** M, of the points with |α| up to A. */
  const boundOf = (away: number): number => largest[0]! + away * (largest[1]! + away * largest[2]!);

  function curveBetween(low: number, high: number): Between {
    // As many to either side: of the extremes the curve itself.
    const near = Math.min(neighbours, low, count - 1 - high);
    const reference = {
      value: values[low]! + (values[high]! - values[low]!) / 2,
      slope: meanOf(slopes, low - near, high + near),
      bend: meanOf(bends, low - near, high + near),
    };
    const from = Math.max(0, low - neighbours);
    const to = Math.min(count - 1, high + neighbours);
    let departures = 0;
    for (let at = from; at <= to; at++) {
      departures += Math.abs(slopes[at]! - reference.slope) + Math.abs(bends[at]! - reference.bend);
    }
    const gap = Math.abs(values[high]! - values[low]!) / 2;
    return { low, high, reference, gap, spread: departures / (to - from + 1) };
  }

  /**
   * Finds the values of two ranks at all points.
   *
   * @param most candidates that there may be
   * @returns how many there were, and how often the margin was widened; undefined for too many
   */
  function follow(
    { low, high, reference, gap, spread }: Between,
    points: number,
    slack: number,
    breadth: number,
    most: number,
  ): { candidates: number; widened: number } | undefined {
    let margin = gap + breadth * spread;
    for (let widened = 0; ; widened++) {
      const { candidates, below } = kernel.findCandidates(reference, margin + slack);
      if (candidates > most || below > low || below + candidates <= high) return undefined;
      const places = [low - below, high - below] as const;
      if (kernel.followRanks(candidates, places, points, reference, margin)) {
        return { candidates, widened };
      }
      margin = 2 * margin + slack;
    }
  }

  return {
    begin() {
      for (const [index, part] of coefficients.entries()) {
        largest[index] = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      }
    },

    summarise(alphas, summary, first) {
      const points = alphas.length;
      const least = alphas.reduce((one, other) => Math.min(one, other));
      const most = alphas.reduce((one, other) => Math.max(one, other));
      const centre = least / 2 + most / 2;
      const reach = Math.max(most - centre, centre - least);
      const away = Math.max(Math.abs(least), Math.abs(most));
      const bound = boundOf(away);
      // No sum of squares may overflow.
      if (!Number.isFinite(count * (64 * bound) ** 2)) return undefined;
      const slack = 2 ** -45 * bound + 2 ** -1060 * (1 + away) ** 2;
      kernel.alphas.set(alphas);
      for (let at = 0; at < points; at++) {
        taus[at] = reach === 0 ? 0 : (alphas[at]! - centre) / reach;
      }
      sort(centre);
      const moments = momentsOf(kernel, centre, reach, slack);
      if (moments === undefined) return undefined;
      let evaluated = 0;
      for (const quantile of ranks) {
        const { name, low, high, weight, breadth } = quantile;
        const room = mostCandidates * count - evaluated;
        const found = follow(curveBetween(low, high), points, slack, breadth, room);
        if (found === undefined) return undefined;
        evaluated += found.candidates;
        const next = breadth * (found.widened === 0 ? narrowing : 2 ** found.widened);
        quantile.breadth = Math.min(breadths[1], Math.max(breadths[0], next));
        const column = summary[name];
        for (let at = 0; at < points; at++) {
          column[first + at] = between(lows[at]!, highs[at]!, weight);
        }
      }
      const { mean, variance, min, max } = summary;
      for (let at = 0; at < points; at++) {
        const told = moments(taus[at]!);
        // Rounding may take the mean of losses that are about equal beyond them.
        mean[first + at] = Math.min(max[first + at]!, Math.max(min[first + at]!, told.mean));
        variance[first + at] = told.variance;
      }
      return evaluated;
    },
  };
}

/** The mean of the numbers from one place to another. */
function meanOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at <= to; at++) sum += values[at]!;
  return sum / (to - from + 1);
}
