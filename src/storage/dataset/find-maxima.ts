import { failure } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { shardRanges, type CheckedSpec } from "./generate-spec.js";
import type { ShardPool } from "./shard-pool.js";

interface PassOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** A smaller maximum stretches what is divided by it more than a hundredfold. */
const TINY_MAXIMUM = 0.01;

/** The two maxima of two-layer-sigmoid data over all rows, in two passes, since the second needs the first. */
export async function findMaxima(
  spec: CheckedSpec,
  pool: ShardPool,
  options: PassOptions,
): Promise<[number, number]> {
  const ranges = shardRanges(spec);
  const first = await largestOf(spec, ranges, undefined, pool, options);
  checkDivisor("first", first, spec);
  const second = await largestOf(spec, ranges, first, pool, options);
  checkDivisor("second", second, spec);
  return [first, second];
}

/**
 * The largest value of one layer over the rows of some shards. The rows are generated, and not stored.
 *
 * @param maximum1 undefined for the first layer's values; for the second layer's, the first maximum
 */
export async function largestOf(
  spec: CheckedSpec,
  ranges: readonly { firstRow: number; rows: number }[],
  maximum1: number | undefined,
  pool: ShardPool,
  options: PassOptions,
): Promise<number> {
  const phase = maximum1 === undefined ? "first maximum" : "second maximum";
  const total = ranges.reduce((sum, range) => sum + range.rows, 0);
  let largest = -Infinity;
  let done = 0;
  await forEachLimited(ranges, spec.workers, async ({ firstRow, rows }) => {
    const task = { spec: spec.row, firstRow, rows, maximum1 };
    const maximum = await pool.maximum(task, options.signal);
    largest = Math.max(largest, maximum);
    done += rows;
    options.onProgress?.({ phase, done, total, unit: "rows" });
  });
  return largest;
}

function checkDivisor(which: string, maximum: number, { row }: CheckedSpec): void {
  if (maximum === 0) {
    throw failure(
      (option) =>
        `The ${which} maximum of the two-layer-sigmoid data is 0 for ${option("seed")} ${row.seed}, and the targets are divided by it; choose another seed.`,
    );
  }
  if (!Number.isFinite(maximum)) {
    throw failure(
      (option) =>
        `The ${which} maximum of the two-layer-sigmoid data is not a finite float32 with ${option("noise")} ${row.noise}, and the targets are divided by it; choose less noise.`,
    );
  }
}

/** Warnings about maxima that flip or stretch the targets. */
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
