import { usageError } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import { findMaxima, largestOf, maximaWarnings } from "../dataset/find-maxima.js";
import { checkGenerateSpec, shardRanges } from "../dataset/generate-spec.js";
import { parseShards } from "../dataset/shard-selection.js";
import { createShardPool } from "../dataset/shard-pool.js";
import type { WriteOptions } from "../dataset/write-shards.js";
import { maximaOptions } from "../options.js";
import { checkMaximum, shardCount } from "./part-spec.js";

/** Two-layer-sigmoid data whose maxima are searched for; the rest is as in `GenerateSpec`. */
export type MaximumSpec = GivenOptions<typeof maximaOptions>;

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
  const { shards, firstMaximum } = fillOptions(maximaOptions, spec);
  const checked = checkGenerateSpec({ ...spec, kind: "two-layer-sigmoid", out: "." });
  if (firstMaximum !== null) {
    if (shards === null) {
      throw usageError(
        (option) =>
          `${option("firstMaximum")} is for ${option("shards")}: without them both maxima are found.`,
      );
    }
    checkMaximum("firstMaximum", firstMaximum);
  }
  const all = shardRanges(checked);
  const ranges =
    shards === null
      ? all
      : parseShards(shards, shardCount(checked)).flatMap((shard) => all[shard] ?? []);
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0);
  const pool = createShardPool(checked.workers);
  try {
    if (shards === null) {
      const [first, second] = await findMaxima(checked, pool, options);
      const warnings = maximaWarnings([first, second], checked.row.seed);
      return { first, second, rows, warnings };
    }
    const largest = await largestOf(checked, ranges, firstMaximum ?? undefined, pool, options);
    return firstMaximum === null
      ? { first: largest, second: undefined, rows, warnings: [] }
      : { first: undefined, second: largest, rows, warnings: [] };
  } finally {
    await pool.close();
  }
}
