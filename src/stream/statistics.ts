import type { OnProgress } from "../common/progress.js";
import { forEachLimited } from "../common/worker-pool.js";
import { rowBytes, type Table } from "../storage/index.js";
import type { Moments } from "./chunk-task.js";
import { piecesOf, sequentialChunkRows } from "./plan.js";
import { poolThreads, runChunkTask } from "./pool.js";
import type { ColumnStatistics, Statistics } from "./types.js";

/**
 * Adds the moments of more rows (Chan, Golub, LeVeque 1979: "Updating formulae and a pairwise
 * algorithm for computing sample variances").
 */
function merge(into: Moments, more: Moments): void {
  const rows = into.rows + more.rows;
  for (let column = 0; column < into.mean.length; column++) {
    const difference = (more.mean[column] ?? 0) - (into.mean[column] ?? 0);
    into.mean[column] = (into.mean[column] ?? 0) + (difference * more.rows) / rows;
    into.squares[column] =
      (into.squares[column] ?? 0) +
      (more.squares[column] ?? 0) +
      (difference * difference * into.rows * more.rows) / rows;
    into.minimum[column] = Math.min(into.minimum[column] ?? 0, more.minimum[column] ?? 0);
    into.maximum[column] = Math.max(into.maximum[column] ?? 0, more.maximum[column] ?? 0);
  }
  into.rows = rows;
}

/** One streamed pass over a table; chunks are merged in their order, so the result is always the same. */
export async function tableStatistics(
  table: Table,
  names: readonly string[],
  options: { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<Statistics> {
  const { rows, features } = table;
  const order = Uint32Array.from(table.shards.keys());
  const length = sequentialChunkRows(1, rowBytes(features));
  const waiting = new Map<number, Moments>();
  let merged: Moments | undefined;
  let next = 0;
  const chunks = (function* () {
    for (let chunk = 0; chunk * length < rows; chunk++) yield chunk;
  })();
  await forEachLimited(chunks, poolThreads(), async (chunk) => {
    const first = chunk * length;
    const count = Math.min(length, rows - first);
    waiting.set(
      chunk,
      await runChunkTask<Moments>(
        {
          type: "statistics",
          shards: table.shards,
          pieces: piecesOf(table.shards, order, first, count),
          rows: count,
          features,
        },
        options.signal,
      ),
    );
    for (let moments = waiting.get(next); moments !== undefined; moments = waiting.get(next)) {
      waiting.delete(next++);
      if (merged === undefined) merged = moments;
      else merge(merged, moments);
    }
    options.onProgress?.({ phase: "statistics", done: first + count, total: rows, unit: "rows" });
  });
  const total = merged;
  if (total === undefined) throw new Error("A table has rows.");
  const columns = names.map((name, column): ColumnStatistics => ({
    name,
    count: total.rows,
    mean: total.mean[column] ?? NaN,
    variance: total.rows > 1 ? (total.squares[column] ?? NaN) / (total.rows - 1) : NaN,
    minimum: total.minimum[column] ?? NaN,
    maximum: total.maximum[column] ?? NaN,
  }));
  const target = columns.pop();
  if (target === undefined) throw new Error("A table has a target.");
  return { rows: total.rows, features: columns, target };
}
