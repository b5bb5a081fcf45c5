import { availableParallelism } from "node:os";
import { usageError } from "../../common/errors.js";
import { VERSION } from "../../common/version.js";
import { checkRowSpec, type DatasetKind, type RowSpec } from "../../generate/index.js";
import { checkFormat, type Compression } from "../format/compression.js";
import type { Manifest } from "../format/manifest.js";
import { checkOutput, type OutputFolder } from "../output/dataset-folder.js";
import { maximumShardRows, type ShardFormat } from "../format/shard-format.js";

/** What to generate, and where to. */
export interface GenerateSpec {
  kind: DatasetKind;
  /** The dataset's folder. */
  out: string;
  /** Default 1 000 000. */
  rows?: number;
  /** D. Default 10. */
  features?: number;
  /** Standard deviation of every noise draw. Default 0.1. */
  noise?: number;
  /** 0 … 2⁵³−1. Default 42. */
  seed?: number;
  /** Default `arrow`. */
  format?: ShardFormat;
  /** Of Parquet pages. Default `none`. */
  compression?: Compression;
  /** Rows a shard. Default 1 000 000, fewer where a shard would pass 256 MiB. */
  shardRows?: number;
  /** Worker threads. Default: as many as there are cores. */
  workers?: number;
  /** Continue an interrupted generation of the same spec. */
  resume?: boolean;
  /** Replace an existing dataset, once the new one is whole. */
  force?: boolean;
}

/** A spec with its defaults filled in and its values checked. */
export interface CheckedSpec extends OutputFolder {
  row: RowSpec;
  rows: number;
  format: ShardFormat;
  compression: Compression;
  shardRows: number;
  workers: number;
}

const DEFAULT_ROWS = 1_000_000;
/** More files than this in one folder serve nobody. */
const SHARDS = 1_000_000;

/** A count that an option may have. */
export function checkCount(option: string, value: number, maximum: number): number {
  if (!Number.isInteger(value) || value < 1 || value > maximum) {
    throw usageError(`${option} must be a whole number from 1 to ${maximum}, not ${value}.`);
  }
  return value;
}

/**
 * Fills in a spec's defaults.
 *
 * @throws a usage error that names the option
 */
export function checkGenerateSpec(spec: GenerateSpec): CheckedSpec {
  const row: RowSpec = {
    kind: spec.kind,
    features: spec.features ?? 10,
    noise: spec.noise ?? 0.1,
    seed: spec.seed ?? 42,
  };
  checkRowSpec(row);
  const output = checkOutput(spec);
  const { format, compression } = checkFormat(spec);
  const largest = maximumShardRows(row.features);
  const rows = checkCount("--rows", spec.rows ?? DEFAULT_ROWS, 2 ** 40);
  const shardRows =
    spec.shardRows === undefined
      ? Math.min(DEFAULT_ROWS, largest)
      : Math.min(checkCount("--shard-rows", spec.shardRows, 2 ** 40), largest);
  if (rows / shardRows > SHARDS) {
    throw usageError(
      `--rows ${rows} would be more than ${SHARDS} shards of ${shardRows} rows: choose fewer rows or features, or a larger --shard-rows.`,
    );
  }
  return {
    ...output,
    row,
    rows,
    format,
    compression,
    shardRows,
    workers: checkCount("--workers", spec.workers ?? availableParallelism(), 256),
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
