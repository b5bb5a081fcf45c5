import { usageError } from "../../common/errors.js";
import { checkGenerateSpec, shardRanges, type GenerateSpec } from "../dataset/generate-spec.js";
import { findMaxima, largestOf, maximaWarnings } from "../dataset/find-maxima.js";
import { checkMaximum, shardCount } from "./part-spec.js";
import { parseShards } from "../dataset/shard-selection.js";
import { createShardPool } from "../dataset/shard-pool.js";
import type { WriteOptions } from "../dataset/write-shards.js";

/** Two-layer-sigmoid data whose maxima are to be found; the rest is as in `GenerateSpec`. */
export interface MaximumSpec extends Pick<
  GenerateSpec,
  "rows" | "features" | "noise" | "seed" | "shardRows" | "workers"
> {
  /** The shards to search: `0-99`, `0-3,7`. Default: all, and both maxima are found. */
  shards?: string;
  /** The first maximum over all rows. If it is given, the second maximum is searched for. */
  firstMaximum?: number;
}

/** What was found in the rows that were searched. */
export interface FoundMaxima {
  /** Undefined where the first maximum was given. */
  first: number | undefined;
  /** Undefined where only the first was searched for. */
  second: number | undefined;
  rows: number;
  /** Sentences about the maxima, once both are known over all rows. */
  warnings: string[];
}

/**
 * Finds the maxima of two-layer-sigmoid data, which its targets are divided by: both over all rows,
 * or one over some shards, where the second needs the first over all rows. The maximum over all rows
 * is the largest over any division into shards. Nothing is written.
 *
 * @throws a usage error for a wrong option, a failure where a maximum over all rows is zero, an
 *   interruption
 */
export async function findMaximum(
  spec: MaximumSpec,
  options: WriteOptions = {},
): Promise<FoundMaxima> {
  const { shards, firstMaximum, ...rest } = spec;
  const checked = checkGenerateSpec({ ...rest, kind: "two-layer-sigmoid", out: "." });
  if (firstMaximum !== undefined) {
    if (shards === undefined) {
      throw usageError("--first-maximum is for --shards: without them both maxima are found.");
    }
    checkMaximum("--first-maximum", firstMaximum);
  }
  const all = shardRanges(checked);
  const ranges =
    shards === undefined
      ? all
      : parseShards(shards, shardCount(checked)).flatMap((shard) => all[shard] ?? []);
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0);
  const pool = createShardPool(checked.workers);
  try {
    if (shards === undefined) {
      const [first, second] = await findMaxima(checked, pool, options);
      const warnings = maximaWarnings([first, second], checked.row.seed);
      return { first, second, rows, warnings };
    }
    const largest = await largestOf(checked, ranges, firstMaximum, pool, options);
    return firstMaximum === undefined
      ? { first: largest, second: undefined, rows, warnings: [] }
      : { first: undefined, second: largest, rows, warnings: [] };
  } finally {
    await pool.close();
  }
}
