import {
  GROUP_ROWS,
  orderGap,
  trueWeights,
  type RowMaker,
  type RowSpec,
} from "../generate/index.js";

/*
 * The second maximum needs the first, over all rows. To make the rows only once for both, each shard is
 * looked through with a guess of the first maximum: the largest value so far. What is remembered of it, a
 * few groups of rows, is enough to find the shard's largest second-layer value where the guess was near; where
 * it was not, the shard is looked through again.
 */

/** What a first pass over a shard's rows finds. */
export interface ShardMaxima {
  /** The largest first-layer value of the rows, or the one that was given where that is larger. */
  first: number;
  /** Of the first maximum. */
  guess: number;
  /** By how much second-layer values of rows outside the groups are smaller than the largest in them. */
  gap: number;
  /** First rows of groups of rows, counted from the shard's first; undefined where all rows count. */
  groups: number[] | undefined;
}

/**
 * Where more groups than these and one in so many are left, the rows are too close to each other: then a pass
 * of its own for the second maximum costs less.
 */
const fewGroups = (features: number): number => Math.max(64, 8192 / features);
const GROUPS_SHARE = 32;

/** With more features, a guess rules out too few rows to be worth its cost. */
const MOST_FEATURES = 64;

/** Rows whose largest value is the guess where nothing is known. */
const SAMPLE_ROWS = 65_536;

function largestOf(
  maker: RowMaker,
  firstRow: number,
  rows: number,
  maximum1?: number,
  atLeast = -Infinity,
): number {
  let largest = atLeast;
  for (let done = 0; done < rows; done += maker.capacity) {
    const count = Math.min(maker.capacity, rows - done);
    largest = maker.maximum(firstRow + done, count, maximum1, largest);
  }
  return largest;
}

interface Pass {
  spec: RowSpec;
  firstRow: number;
  rows: number;
  atLeast: number;
}

/** Looks through a shard's rows for both maxima. Parameters are as in `ShardTask`. */
export function findBoth(
  maker: RowMaker,
  { spec: { features }, firstRow, rows, atLeast }: Pass,
): ShardMaxima {
  const sample = (): number => largestOf(maker, firstRow, Math.min(rows, SAMPLE_ROWS));
  const isWorthIt = features <= MOST_FEATURES;
  const guess = isWorthIt && atLeast === -Infinity ? sample() : atLeast;
  if (!(isWorthIt && guess > 0 && guess < Infinity)) {
    const first = largestOf(maker, firstRow, rows, undefined, atLeast);
    return { first, guess, gap: 0, groups: undefined };
  }
  let largest: [number, number] = [guess, -Infinity];
  let gap = 0;
  let candidates: { row: number; value: number }[] = [];
  for (let done = 0; done < rows; done += maker.capacity) {
    const end = Math.min(done + maker.capacity, rows);
    const found = maker.bothMaxima(firstRow + done, end - done, guess, largest);
    largest = found.maxima;
    ({ gap } = found);
    const groups = found.groups?.map(({ row, value }) => ({ row: done + row, value })) ?? [];
    const least = largest[1] - gap;
    // What is no number stays.
    candidates = candidates.concat(groups).filter(({ value }) => !(value < least));
    const most = fewGroups(features) + end / GROUP_ROWS / GROUPS_SHARE;
    if (found.groups === undefined || candidates.length > most) {
      const first = largestOf(maker, firstRow + end, rows - end, undefined, largest[0]);
      return { first, guess, gap, groups: undefined };
    }
  }
  return { first: largest[0], guess, gap, groups: candidates.map(({ row }) => row) };
}

/** The largest value of a shard's rows, or of some groups of them. Parameters are as in `ShardTask`. */
export function findOne(
  maker: RowMaker,
  task: {
    firstRow: number;
    rows: number;
    maximum1: number | undefined;
    atLeast: number;
    groups?: readonly number[];
  },
): number {
  const { firstRow, rows, maximum1, atLeast, groups } = task;
  if (groups === undefined) return largestOf(maker, firstRow, rows, maximum1, atLeast);
  return groups.reduce(
    (largest, row) =>
      maker.maximum(firstRow + row, Math.min(GROUP_ROWS, rows - row), maximum1, largest),
    atLeast,
  );
}

/** What tells whether a shard's groups are enough to find its second maximum, now that the first is known. */
export function judgeOfGroups(spec: RowSpec, first: number): (found: ShardMaxima) => boolean {
  const truth = trueWeights(spec);
  if (!("w1" in truth)) throw new Error("The weights are those of two layers.");
  const gaps = new Map<number, number>();
  return ({ guess, gap, groups }) => {
    if (groups === undefined) return false;
    let needed = gaps.get(guess);
    if (needed === undefined) {
      needed = orderGap(spec.features, spec.noise, truth.w1, truth.w2, guess, first);
      gaps.set(guess, needed);
    }
    return needed <= gap;
  };
}
