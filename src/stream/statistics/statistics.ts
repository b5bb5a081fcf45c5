import { failure, usageError } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { exceedsFloat32, rowBytes, type Table } from "../../storage/index.js";
import { addMoments, type TableMoments } from "../chunks/moments.js";
import { fileOrder, sequentialChunkRows } from "../chunks/plan.js";
import { poolThreads, runChunkTask } from "../chunks/pool.js";
import type { ColumnStatistics, Statistics, StatisticsOptions } from "./types.js";

/** The most columns with covariances: every thread holds 128 MB of them. */
const COVARIANCE_COLUMNS = 4096;

/**
 * Computes the statistics of a table in one streamed pass, in float64. Chunks of a fixed number of rows
 * are merged in the order of the rows, so the result has the same bits with any number of threads.
 *
 * @throws a usage error for covariances of too many columns; a failure for a table without rows or a
 *   shard that cannot be read; an interruption
 */
export async function tableStatistics(
  table: Table,
  names: readonly string[],
  options: StatisticsOptions,
): Promise<Statistics> {
  const { rows, features } = table;
  const covariance = options.covariance ?? false;
  if (rows === 0) throw failure(`There are no rows in ${table.path} to compute statistics of.`);
  if (covariance && features + 1 > COVARIANCE_COLUMNS) {
    throw usageError(
      `Covariances of ${features + 1} columns do not fit in memory; ${COVARIANCE_COLUMNS} are the most.`,
    );
  }
  const rangesOf = fileOrder(table.shards);
  const length = sequentialChunkRows(1, rowBytes(features));
  const waiting = new Map<number, TableMoments>();
  let merged: TableMoments | undefined;
  let next = 0;
  const chunks = (function* () {
    for (let chunk = 0; chunk * length < rows; chunk++) yield chunk;
  })();
  await forEachLimited(chunks, poolThreads(), async (chunk) => {
    const first = chunk * length;
    const count = Math.min(length, rows - first);
    waiting.set(
      chunk,
      await runChunkTask<TableMoments>(
        {
          type: "statistics",
          shards: table.shards,
          ranges: rangesOf(first, count),
          rows: count,
          features,
          covariance,
          float64: table.types?.some(exceedsFloat32) ?? false,
        },
        options.signal,
      ),
    );
    for (let moments = waiting.get(next); moments !== undefined; moments = waiting.get(next)) {
      waiting.delete(next++);
      if (merged === undefined) merged = moments;
      else addMoments(merged, moments);
    }
    options.onProgress?.({ phase: "statistics", done: first + count, total: rows, unit: "rows" });
  });
  if (merged === undefined) throw new Error("A table with rows has moments.");
  return statisticsOf(merged, names);
}

function statisticsOf(total: TableMoments, names: readonly string[]): Statistics {
  const columns = names.map((name, column): ColumnStatistics => ({
    name,
    count: total.rows,
    mean: total.mean[column]!,
    variance: total.rows > 1 ? total.squares[column]! / (total.rows - 1) : NaN,
    minimum: total.minimum[column]!,
    maximum: total.maximum[column]!,
  }));
  const target = columns.pop();
  if (target === undefined) throw new Error("A table has a target.");
  const { products } = total;
  return {
    rows: total.rows,
    features: columns,
    target,
    ...(products && { covariance: covarianceOf(products, total.rows, names.length) }),
  };
}

/** The whole matrix, from the sums in its upper half. */
function covarianceOf(products: Float64Array, rows: number, columns: number): number[][] {
  return Array.from({ length: columns }, (_, left) =>
    Array.from({ length: columns }, (_unused, right) => {
      const sum = products[Math.min(left, right) * columns + Math.max(left, right)]!;
      return rows > 1 ? sum / (rows - 1) : NaN;
    }),
  );
}
