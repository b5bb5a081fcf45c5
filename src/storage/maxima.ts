import { failure } from "../common/errors.js";
import type { OnProgress } from "../common/progress.js";
import { forEachLimited, type WorkerPool } from "../common/worker-pool.js";
import { shardRanges, type CheckedSpec } from "./generate-spec.js";
import { judgeOfGroups, type ShardMaxima } from "./shard-maxima.js";
import type { ShardTask, ShardTaskResult } from "./shard-worker.js";

/** A maximum smaller than this stretches what is divided by it more than a hundredfold. */
const TINY_MAXIMUM = 0.01;

/** Groups of rows that all shards together may leave, some megabytes of them. */
const REMEMBERED_GROUPS = 500_000;

interface PassOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * The largest value of one layer over the rows of some shards: a streamed pass, nothing stored.
 *
 * @param maximum1 undefined for the first layer's values, the first maximum for the second's
 */
export async function largestOf(
  spec: CheckedSpec,
  ranges: readonly { firstRow: number; rows: number }[],
  maximum1: number | undefined,
  pool: WorkerPool<ShardTask, ShardTaskResult>,
  options: PassOptions,
): Promise<number> {
  const phase = maximum1 === undefined ? "first maximum" : "second maximum";
  const total = ranges.reduce((sum, range) => sum + range.rows, 0);
  let largest = -Infinity;
  let done = 0;
  await forEachLimited(ranges, spec.workers, async ({ firstRow, rows }) => {
    const task: ShardTask = {
      type: "maximum",
      spec: spec.row,
      firstRow,
      rows,
      maximum1,
      // Whatever it is by now: the largest of all is the same.
      atLeast: largest,
    };
    const result = await pool.run(task, options.signal);
    if (typeof result !== "number") throw new Error("A maximum is a number.");
    largest = Math.max(largest, result);
    done += rows;
    options.onProgress?.({ phase, done, total, unit: "rows" });
  });
  return largest;
}

/**
 * The two maxima of two-layer-sigmoid data over all rows: a streamed pass, and what is left to look at once
 * the first is known.
 */
export async function findMaxima(
  spec: CheckedSpec,
  pool: WorkerPool<ShardTask, ShardTaskResult>,
  options: PassOptions,
): Promise<[number, number]> {
  const ranges = shardRanges(spec);
  let first = -Infinity;
  const found = new Map<number, ShardMaxima>();
  let remembered = 0;
  const noteFirst = progressOf(spec, "first maximum", options);
  await forEachLimited(ranges, spec.workers, async ({ shard, firstRow, rows }) => {
    const { row } = spec;
    const task: ShardTask = { type: "both maxima", spec: row, firstRow, rows, atLeast: first };
    const result = await pool.run(task, options.signal);
    if (typeof result !== "object" || !("guess" in result)) throw new Error("A pass finds maxima.");
    remembered += result.groups?.length ?? 0;
    // What is not remembered is looked through again.
    if (remembered <= REMEMBERED_GROUPS) found.set(shard, result);
    first = Math.max(first, result.first);
    noteFirst(rows);
  });
  checkDivisor("first", first, spec);

  let second = -Infinity;
  const isEnough = judgeOfGroups(spec.row, first);
  const noteSecond = progressOf(spec, "second maximum", options);
  // The guesses of the last shards were the best.
  await forEachLimited(ranges.toReversed(), spec.workers, async ({ shard, firstRow, rows }) => {
    const earlier = found.get(shard);
    const groups = earlier && isEnough(earlier) ? earlier.groups : undefined;
    const task: ShardTask = {
      type: "maximum",
      spec: spec.row,
      firstRow,
      rows,
      maximum1: first,
      atLeast: second,
      ...(groups && { groups }),
    };
    const result = await pool.run(task, options.signal);
    if (typeof result !== "number") throw new Error("A maximum is a number.");
    second = Math.max(second, result);
    noteSecond(rows);
  });
  checkDivisor("second", second, spec);
  return [first, second];
}

/** What tells of rows that are done in a pass over all. */
function progressOf(
  { rows: total }: CheckedSpec,
  phase: string,
  { onProgress }: PassOptions,
): (rows: number) => void {
  let done = 0;
  return (rows) => {
    done += rows;
    onProgress?.({ phase, done, total, unit: "rows" });
  };
}

function checkDivisor(which: string, maximum: number, { row }: CheckedSpec): void {
  if (maximum === 0) {
    throw failure(
      `The ${which} maximum of the two-layer-sigmoid data is 0 for --seed ${row.seed}, and the targets are divided by it; choose another seed.`,
    );
  }
  if (!Number.isFinite(maximum)) {
    throw failure(
      `The ${which} maximum of the two-layer-sigmoid data is no finite float32 with --noise ${row.noise}, and the targets are divided by it; choose less noise.`,
    );
  }
}

/** Sentences about maxima that flip or stretch the data. */
export function maximaWarnings(maxima: readonly [number, number], seed: number): string[] {
  return maxima.flatMap((maximum, index) => {
    const name = index === 0 ? "first" : "second";
    if (Math.abs(maximum) < TINY_MAXIMUM) {
      return [
        `The ${name} maximum is tiny (${maximum}) for seed ${seed}: it stretches what is divided by it.`,
      ];
    }
    if (maximum < 0) {
      return [
        `The ${name} maximum is negative (${maximum}) for seed ${seed}: it flips what is divided by it.`,
      ];
    }
    return [];
  });
}
