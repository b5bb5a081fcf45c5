import { createHash } from "node:crypto";
import { usageError } from "../common/errors.js";
import { count } from "../common/options/kinds.js";
import { checkValue } from "../common/options/options.js";
import { forEachLimited } from "../common/worker-pool.js";
import type { RowSelection, ShardSource, Table } from "../storage/index.js";
import { poolThreads, runChunkTask } from "./chunks/pool.js";

/** Words are 32 bits. */
const WORDS = 2 ** 32;
/** Rows of which each has a word of its own: a stream's words for one counter. */
const MOST_ROWS = 2 ** 34;

/** How a table is split. */
export interface SplitOptions {
  /** Seed of the hash, 0 … 2⁵³−1. Default 42. */
  seed?: number;
  signal?: AbortSignal;
}

/**
 * Divides a table's rows at random: each row goes to the part that a hash (Philox4x32-10) of the
 * seed and its number in the table says, so parts are disjoint, the same anywhere, and only about as
 * large as their fractions. Nothing is written, and nothing is kept in memory a row.
 *
 * @param fractions of the rows, each above 0 and at most 1 together; what they leave over is in no part
 * @returns as many tables as there are fractions; a small table's may be empty
 * @throws a usage error for fractions or a seed that cannot be
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

/** Where each part's words begin and end, in 0 … 2³². */
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
  const places = ends.map((end) => Math.min(WORDS, Math.round(end * WORDS)));
  // A last part that was meant to take the rest takes all of it.
  if (sum > 1 - 1e-9) places[places.length - 1] = WORDS;
  return places.map((to, part) => [places[part - 1] ?? 0, to]);
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
