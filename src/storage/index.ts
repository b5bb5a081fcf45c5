/**
 * Datasets on disk: sharded Arrow or Parquet files with a manifest and checksums, written so that
 * nothing half-written looks whole, and read a few rows at a time.
 *
 * @module
 */
export { MANIFEST_FILE } from "./file-names.js";
export { LOCK_FILE, lockFolder, lockHolder } from "./lock.js";
export { writeDataset } from "./write-dataset.js";
export type { WrittenDataset } from "./write-dataset.js";
export type { WriteOptions } from "./write-shards.js";
export { writePart } from "./write-part.js";
export type { WrittenPart } from "./write-part.js";
export type { PartSpec } from "./part-spec.js";
export { findMaximum } from "./find-maximum.js";
export type { FoundMaxima, MaximumSpec } from "./find-maximum.js";
export { joinDatasets } from "./join-datasets.js";
export { isDatasetOf } from "./generate-spec.js";
export type { GenerateSpec } from "./generate-spec.js";
export type {
  ColumnNames,
  ConvertedManifest,
  ForeignDescription,
  Manifest,
  ShardEntry,
  SyntheticManifest,
  TableFormat,
} from "./manifest.js";
export { manifestSchema } from "./manifest.js";
export { measureRounding, roundingWarnings } from "./rounding.js";
export { exceedsFloat32, exceedsFloat64 } from "./number-type.js";
export type { NumberType } from "./number-type.js";
export { openTable } from "./table.js";
export type { Table } from "./table.js";
export { openShard } from "./shard-reader.js";
export type { RowTarget, ShardReader, ShardSource } from "./shard-reader.js";
export type { Floats, Standardization } from "./standardize.js";
export { countSelected } from "./selected-rows.js";
export type { RowSelection } from "./selected-rows.js";
export { withChecksums } from "./verified-shard.js";
export { recordBatchRows, rowBytes } from "./shard-format.js";
export { COMPRESSIONS } from "./compression.js";
export type { Compression } from "./compression.js";
export type { ShardFormat } from "./shard-format.js";
export { openSource } from "./open-source.js";
export type { SourceOptions } from "./open-source.js";
export { convert } from "./convert.js";
export type { ConvertedDataset, ConvertOptions } from "./convert.js";
export { verifyDataset } from "./verify.js";
export type { ShardStatus, VerifyOptions, VerifyResult } from "./verify.js";
export { parseJson, readJson, syncFolder, writeFileAtomic } from "./atomic.js";
export { readTable } from "./read-table.js";
export { writeTypedTable } from "./typed-table.js";
export type { TypedColumn, TypedField } from "./typed-table.js";
export { writeLongTable, writeTable } from "./row-table.js";
export type { TableColumn, TableValues } from "./row-table.js";
