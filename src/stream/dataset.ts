import path from "node:path";
import {
  isRemote,
  openSource,
  verifyDataset,
  withChecksums,
  type NumberType,
  type Table,
} from "../storage/index.js";
import { usageError } from "../common/errors.js";
import { count } from "../common/options/kinds.js";
import { checkValue } from "../common/options/options.js";
import { float64Rows } from "./float64-rows.js";
import { arrowBatches, recordsOf, tfDataOf } from "./interchange/index.js";
import { createLoader } from "./loader.js";
import { fileOrder } from "./chunks/plan.js";
import { runChunkTask } from "./chunks/pool.js";
import { sourceColumns } from "./source-columns.js";
import { splitTable } from "./split.js";
import { columnScales, type Standardization } from "./statistics/standardize.js";
import { tableStatistics } from "./statistics/statistics.js";
import type { BatchLoader, BatchOptions, Dataset, DatasetOrigin, OpenOptions } from "./types.js";

/** The most rows that `head` reads. */
const HEAD_ROWS = 100_000;

async function head(
  table: Table,
  wanted: number,
): Promise<{ x: Float32Array; y: Float32Array; rows: number }> {
  checkValue(count(0, HEAD_ROWS), wanted, (option) => option("rows"));
  const { features } = table;
  const rows = Math.min(wanted, table.rows);
  if (rows === 0) return { x: new Float32Array(0), y: new Float32Array(0), rows };
  const buffer = await runChunkTask<ArrayBuffer>({
    type: "read",
    shards: table.shards,
    ranges: fileOrder(table.shards)(0, rows),
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
 * Opens a dataset's folder, or a foreign table: Parquet, Arrow or CSV files, folders of them, glob
 * patterns, or a list of these.
 *
 * @throws a failure that names the folder, manifest field, shard or file where there is no complete
 *   dataset or table; a usage error for a target or features that it does not have
 */
export async function openDataset(
  source: string | readonly string[],
  options: OpenOptions = {},
): Promise<Dataset> {
  const { verify = false, target, features, invalid } = options;
  const table = await openSource(source, options);
  const reopen = { target, features, invalid };
  return datasetOf(table, verify, {
    source: typeof source === "string" ? absolute(source) : source.map(absolute),
    ...Object.fromEntries(Object.entries(reopen).filter(([, value]) => value !== undefined)),
  });
}

/** A path or glob pattern that means the same whatever the working directory. */
function absolute(source: string): string {
  return path.isAbsolute(source) || isRemote(source) ? source : `${process.cwd()}/${source}`;
}

/** @param verify whether shards are checked before they are read, unless the options of `batches` say */
function datasetOf(table: Table, verify: boolean, origin: DatasetOrigin): Dataset {
  const { manifest, fingerprint } = table;
  const { features: featureNames, target: targetName } = table.columns;
  const names = [...featureNames, targetName];
  const columnTypes = table.types ?? names.map((): NumberType => "float32");
  const batches = (options: BatchOptions): BatchLoader =>
    createLoader(preparedTable(table, featureNames, verify, options), options);
  return {
    path: table.path,
    rows: table.rows,
    features: table.features,
    featureNames,
    targetName,
    format: manifest.format,
    fingerprint,
    manifest,
    origin,
    warnings: table.warnings,
    batches,
    head: (rows, { standardize } = {}) =>
      head(standardizedTable(table, featureNames, standardize), rows),
    columnTypes,
    float64Rows: (options = {}) =>
      float64Rows(standardizedTable(table, featureNames, options.standardize), options),
    sourceColumns: (options = {}) => sourceColumns(table, columnTypes, options),
    records: (options = {}) => recordsOf(float64Rows(table, options), names),
    toArrow: (options = {}) =>
      arrowBatches(() => sourceColumns(table, columnTypes, options), names),
    tfData(tf, options) {
      const { epoch = 0, epochs = 1 } = options;
      const { batchesPerEpoch } = batches(options);
      return tfDataOf(tf, table.features, batchesPerEpoch * epochs, (iterator) =>
        batches({ ...options, epoch: epoch + iterator * epochs }),
      );
    },
    statistics: (options = {}) => tableStatistics(table, names, options),
    async split(fractions, options = {}) {
      const parts = await splitTable(table, fractions, options);
      return parts.map((part) => datasetOf(part, verify, origin));
    },
    async verify(options = {}) {
      checkedTable(table);
      return verifyDataset(table.path, options);
    },
  };
}

/** The table whose shards' readers check and standardise as the options say. */
function preparedTable(
  table: Table,
  featureNames: readonly string[],
  verify: boolean,
  options: BatchOptions,
): Table {
  const checked = (options.verify ?? verify) ? checkedTable(table) : table;
  return standardizedTable(checked, featureNames, options.standardize);
}

/** The table whose shards' readers standardise every value. */
function standardizedTable(
  table: Table,
  featureNames: readonly string[],
  standardize: Standardization | undefined,
): Table {
  if (standardize === undefined) return table;
  const scaling = columnScales(standardize, featureNames);
  const shards = table.shards.map((shard) => ({ ...shard, standardize: scaling }));
  return { ...table, shards };
}

/** The table with its shards' checksums, or a usage error where it has none. */
function checkedTable(table: Table): Table {
  const checked = withChecksums(table);
  if (checked !== undefined) return checked;
  throw usageError(
    `${table.path} is a foreign table, whose files have no checksums to verify; convert it to a dataset with 'vadi convert'.`,
  );
}
