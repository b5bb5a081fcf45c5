import { availableParallelism } from "node:os";
import { usageError } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import { VERSION } from "../../common/version.js";
import { type RowSpec } from "../../generate/index.js";
import { checkRowSpec } from "../../generate/options.js";
import { checkCompression, type Compression } from "../format/compression.js";
import type { Manifest } from "../format/manifest.js";
import { maximumShardRows, type ShardFormat } from "../format/shard-format.js";
import { datasetOptions, type generateOptions } from "../options.js";
import { checkOutput, type OutputFolder } from "../output/dataset-folder.js";

/** What to generate, and where to. */
export type GenerateSpec = GivenOptions<typeof generateOptions>;

/** A spec with its defaults filled in and its values checked. */
export interface CheckedSpec extends OutputFolder {
  row: RowSpec;
  rows: number;
  format: ShardFormat;
  compression: Compression;
  shardRows: number;
  workers: number;
}

/** More files than this in one folder serve nobody. */
const SHARDS = 1_000_000;
const DEFAULT_SHARD_ROWS = 1_000_000;

/**
 * Checks a spec and fills in its defaults.
 *
 * @throws a usage error that names the option
 */
export function checkGenerateSpec(spec: GenerateSpec): CheckedSpec {
  const output = checkOutput(spec);
  const row = checkRowSpec(spec);
  const { rows, format, compression, workers, ...filled } = fillOptions(datasetOptions, spec);
  checkCompression(format, compression);
  const shardRows = Math.min(
    filled.shardRows ?? DEFAULT_SHARD_ROWS,
    maximumShardRows(row.features),
  );
  if (rows / shardRows > SHARDS) {
    throw usageError(
      (option) =>
        `${option("rows")} ${rows} would be more than ${SHARDS} shards of ${shardRows} rows: choose fewer rows or features, or a larger ${option("shardRows")}.`,
    );
  }
  return {
    ...output,
    row,
    rows,
    format,
    compression,
    shardRows,
    workers: workers ?? availableParallelism(),
  };
}

/** Numbers, first rows and lengths of the shards. */
export function shardRanges(
  spec: CheckedSpec,
): { shard: number; firstRow: number; rows: number }[] {
  const count = Math.ceil(spec.rows / spec.shardRows);
  return Array.from({ length: count }, (_, shard) => {
    const firstRow = shard * spec.shardRows;
    return { shard, firstRow, rows: Math.min(spec.shardRows, spec.rows - firstRow) };
  });
}

/** Whether a manifest is that of the dataset which a spec makes, shard for shard. */
export function isDatasetOf(spec: GenerateSpec, manifest: Manifest): boolean {
  const { row, rows, format, compression, shardRows } = checkGenerateSpec(spec);
  return (
    manifest.kind === row.kind &&
    manifest.rows === rows &&
    manifest.features === row.features &&
    manifest.noise === row.noise &&
    manifest.seed === row.seed &&
    manifest.format === format &&
    (manifest.compression ?? "none") === compression &&
    manifest.generator.version === VERSION &&
    manifest.shards[0]?.rows === Math.min(shardRows, rows)
  );
}
