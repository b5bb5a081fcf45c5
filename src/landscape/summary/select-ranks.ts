/** Numbers an interval, on average. */
const numbersAnInterval = 4;
/** Intervals at the most. */
const mostIntervals = 4096;

/**
 * Finds the values of some ranks among numbers.
 *
 * @param values as many numbers as the selector is for, in any order, which stay as they are
 * @returns the value of each rank, from 0, that the selector is for; undefined where the numbers are
 *   not all finite, or too near each other to be told apart by intervals
 */
export type SelectRanks = (values: Float64Array) => ((rank: number) => number) | undefined;

/**
 * Order statistics of many numbers that are in no order, without sorting them all: numbers are counted
 * in intervals of equal length between the least and the largest, and only the intervals are sorted in
 * which a wanted rank lies. A number's interval never falls as the number rises, rounded or not, so the
 * values are exactly those of a full sort.
 *
 * @param ranks in ascending order
 */
export function createRankSelector(count: number, ranks: readonly number[]): SelectRanks {
  const intervals = Math.min(mostIntervals, Math.max(1, Math.ceil(count / numbersAnInterval)));
  const intervalOf = new Uint16Array(count);
  const counts = new Uint32Array(intervals);
  /** Where the next number of an interval goes, if its numbers are wanted; else −1. */
  const next = new Int32Array(intervals);
  const wanted = new Float64Array(count);
  const found = new Map<number, number>();

  return (values) => {
    let least = Infinity;
    let most = -Infinity;
    /** 0 as long as all numbers are finite. */
    let doubt = 0;
    for (let index = 0; index < count; index++) {
      const value = values[index]!;
      doubt += value - value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    const scale = intervals / (most - least);
    // All are equal, or too near or far from each other.
    if (doubt !== 0 || !(scale > 0 && scale < Infinity)) return undefined;
    counts.fill(0);
    for (let index = 0; index < count; index++) {
      const interval = Math.min(intervals - 1, Math.trunc((values[index]! - least) * scale));
      intervalOf[index] = interval;
      counts[interval] = counts[interval]! + 1;
    }
    next.fill(-1);
    let holding = 0;
    /** Numbers in the intervals before this one, and those of them that are wanted. */
    let before = 0;
    let end = 0;
    const places = ranks.map((rank) => {
      while (before + counts[holding]! <= rank) before += counts[holding++]!;
      if (next[holding] === -1) {
        next[holding] = end;
        end += counts[holding]!;
      }
      const length = counts[holding]!;
      return { rank, first: end - length, length, within: rank - before };
    });
    for (let index = 0; index < count; index++) {
      const interval = intervalOf[index]!;
      const to = next[interval]!;
      if (to < 0) continue;
      wanted[to] = values[index]!;
      next[interval] = to + 1;
    }
    let sorted = -1;
    for (const { rank, first, length, within } of places) {
      if (first !== sorted) wanted.subarray(first, first + length).sort();
      sorted = first;
      found.set(rank, wanted[first + within]!);
    }
    return (rank) => found.get(rank)!;
  };
}
