import { openTable, verifyDataset, type Table } from "../storage/index.js";
import { usageError } from "../common/errors.js";
import { createLoader } from "./loader.js";
import { piecesOf } from "./plan.js";
import { runChunkTask } from "./pool.js";
import { tableStatistics } from "./statistics.js";
import type { Dataset } from "./types.js";

/** The rows that `head` reads at the most. */
const HEAD_ROWS = 100_000;

async function head(
  table: Table,
  wanted: number,
): Promise<{ x: Float32Array; y: Float32Array; rows: number }> {
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > HEAD_ROWS) {
    throw usageError(`--rows must be a whole number from 0 to ${HEAD_ROWS}, not ${wanted}.`);
  }
  const { features } = table;
  const rows = Math.min(wanted, table.rows);
  if (rows === 0) return { x: new Float32Array(0), y: new Float32Array(0), rows };
  const buffer = await runChunkTask<ArrayBuffer>({
    type: "read",
    shards: table.shards,
    pieces: piecesOf(table.shards, Uint32Array.from(table.shards.keys()), 0, rows),
    rows,
    features,
    permute: undefined,
  });
  return {
    x: new Float32Array(buffer, 0, rows * features),
    y: new Float32Array(buffer, rows * features * 4, rows),
    rows,
  };
}

/**
 * Opens a dataset's folder.
 *
 * @throws a failure where there is no whole dataset, naming the folder, manifest field or shard
 */
export async function openDataset(source: string): Promise<Dataset> {
  const table = await openTable(source);
  const { manifest, fingerprint, path } = table;
  const featureNames = Array.from({ length: table.features }, (_, feature) => `x${feature}`);
  const targetName = "y";
  return {
    path,
    rows: table.rows,
    features: table.features,
    featureNames,
    targetName,
    format: manifest.format,
    fingerprint,
    manifest,
    batches: (options) => createLoader(table, options),
    head: (rows) => head(table, rows),
    statistics: (options = {}) => tableStatistics(table, [...featureNames, targetName], options),
    verify: (options = {}) => verifyDataset(path, options),
  };
}
