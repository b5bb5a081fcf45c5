import { createHash } from "node:crypto";
import { usageError } from "../common/errors.js";
import { count } from "../common/options/kinds.js";
import { checkValue } from "../common/options/options.js";
import { forEachLimited } from "../common/worker-pool.js";
import type { RowSelection, ShardSource, Table } from "../storage/index.js";
import { poolThreads, runChunkTask } from "./chunks/pool.js";

/** Words are 32 bits. */
const WORDS = 2 ** 32;
/** The most rows with a word each: the words of one row of a random stream. */
const MOST_ROWS = 2 ** 34;

/** How a table is split. */
export interface SplitOptions {
  /** Seed of the hash, 0 … 2⁵³−1. Default 42. */
  seed?: number;
  signal?: AbortSignal;
}

/**
 * Divides a table's rows at random into subsets. A row's subset depends on a random word (Philox4x32-10)
 * of the seed and the row's number in the table. Subsets are therefore disjoint and the same on any
 * machine, and their sizes are only about their fractions. Nothing is written, and memory does not grow
 * with the rows.
 *
 * @param fractions of the rows, each above 0 and at most 1 together; the remaining rows are in no subset
 * @returns a table for each fraction; one of a small table may be empty
 * @throws a usage error for wrong fractions or a wrong seed
 */
export async function splitTable(
  table: Table,
  fractions: readonly number[],
  { seed = 42, signal }: SplitOptions = {},
): Promise<Table[]> {
  const bounds = boundsOf(fractions);
  checkValue(count(), seed, (option) => option("seed"));
  if (table.rows > MOST_ROWS) {
    throw usageError(`${table.path} has more than ${MOST_ROWS} rows, too many to be split.`);
  }
  return Promise.all(
    bounds.map(async ([from, to]): Promise<Table> => {
      const shards = await selectedShards(table, { seed, from, to }, signal);
      const identity = JSON.stringify([table.fingerprint, seed, from, to]);
      return {
        ...table,
        rows: shards.reduce((sum, shard) => sum + shard.rows, 0),
        fingerprint: createHash("sha256").update(identity).digest("hex"),
        shards,
      };
    }),
  );
}

/** Where each subset's words begin and end, in 0 … 2³². */
function boundsOf(fractions: readonly number[]): [number, number][] {
  if (fractions.length === 0) throw usageError("A split needs at least one fraction.");
  const wrong = fractions.find((fraction) => !(fraction > 0 && fraction <= 1));
  if (wrong !== undefined) {
    throw usageError(`A split's fraction must be above 0 and at most 1, not ${wrong}.`);
  }
  let sum = 0;
  const ends = fractions.map((fraction) => (sum += fraction));
  // Decimal fractions such as 0.7 + 0.2 + 0.1 do not add up to the last bit.
  if (sum > 1 + 1e-9) {
    throw usageError(`A split's fractions must be at most 1 together, not ${sum}.`);
  }
  const bounds = ends.map((end) => Math.min(WORDS, Math.round(end * WORDS)));
  // Fractions that add up to 1 leave no row over.
  if (sum > 1 - 1e-9) bounds[bounds.length - 1] = WORDS;
  return bounds.map((to, subset) => [bounds[subset - 1] ?? 0, to]);
}

async function selectedShards(
  table: Table,
  split: RowSelection["splits"][number],
  signal: AbortSignal | undefined,
): Promise<ShardSource[]> {
  let first = 0;
  const candidates = table.shards.map((shard): ShardSource & { selection: RowSelection } => {
    const { selection = { firstRow: first, shardRows: shard.rows, splits: [] } } = shard;
    first += shard.rows;
    return { ...shard, selection: { ...selection, splits: [...selection.splits, split] } };
  });
  const rows = new Float64Array(candidates.length);
  await forEachLimited(candidates.entries(), poolThreads(), async ([index, { selection }]) => {
    rows[index] = await runChunkTask<number>({ type: "count", selection }, signal);
  });
  return candidates.flatMap((shard, index) =>
    rows[index] === 0 ? [] : [{ ...shard, rows: rows[index]! }],
  );
}
