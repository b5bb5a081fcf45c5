import type { ColumnNames } from "./columns.js";
import type { RowSpec } from "../../generate/index.js";

/** The two file formats of a shard. */
export const SHARD_FORMATS = ["arrow", "parquet"] as const;

export type ShardFormat = (typeof SHARD_FORMATS)[number];

const SHARD_BYTES = 256 * 1024 * 1024;
const BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_ROWS = 65_536;

/** Bytes of one row in memory and, uncompressed, on disk: D features and a target, float32. */
export function rowBytes(features: number): number {
  return (features + 1) * 4;
}

/** The largest number of rows that a shard may hold: 256 MiB of them. */
export function maximumShardRows(features: number): number {
  return Math.max(1, Math.floor(SHARD_BYTES / rowBytes(features)));
}

/** Rows of a record batch (Arrow) or row group (Parquet): at most 64 Ki, and 16 MiB of them. */
export function recordBatchRows(features: number): number {
  return Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_BYTES / rowBytes(features))));
}

/** The name of a shard's file. */
export function shardFile(shard: number, format: ShardFormat): string {
  return `shard-${String(shard).padStart(5, "0")}.${format}`;
}

/** Describes the rows of a converted table. */
export interface TableSpec {
  kind: "table";
  features: number;
  columns: ColumnNames;
}

/** What a shard's metadata says, so that a single file can be identified without the manifest. */
export interface ShardDescription {
  spec: RowSpec | TableSpec;
  /** Number of the shard's first row in the dataset. */
  firstRow: number;
  rows: number;
  maxima?: readonly [number, number];
  generator: { name: string; version: string };
}

/** The description as the key-value metadata of a file. */
export function shardMetadata(description: ShardDescription): [string, string][] {
  const { spec, firstRow, maxima, generator } = description;
  return [
    ["vadi.kind", spec.kind],
    ["vadi.features", String(spec.features)],
    ...(spec.kind === "table"
      ? ([["vadi.columns", JSON.stringify(spec.columns)]] satisfies [string, string][])
      : ([
          ["vadi.noise", String(spec.noise)],
          ["vadi.seed", String(spec.seed)],
        ] satisfies [string, string][])),
    ["vadi.firstRow", String(firstRow)],
    ...(maxima === undefined
      ? []
      : [["vadi.maxima", JSON.stringify(maxima)] satisfies [string, string]]),
    ["vadi.generator", `${generator.name} ${generator.version}`],
  ];
}

/** Writes the rows of one shard, a record batch at a time. Synchronous, as it runs in a worker thread. */
export interface ShardWriter {
  /** x: rows × D, row-major; y: rows. All calls but the last have `recordBatchRows` rows. */
  append(x: Float32Array, y: Float32Array, rows: number): void;
  /** Writes the end of the file. */
  finish(): void;
}

/** Takes a shard's bytes. The array may be reused after the call returns. */
export type ByteSink = (bytes: Uint8Array) => void;
