/**
 * Tables on disk: datasets, which are sharded Arrow or Parquet files with a manifest and checksums, and tables of
 * other programs. Files appear only when they are complete, and are read a few rows at a time.
 *
 * @module
 */
import { lazily } from "../common/lazy.js";

export { isRemote } from "./format/location.js";
export { MANIFEST_FILE } from "./format/file-names.js";
export { writeDataset } from "./dataset/write-dataset.js";
export type { WrittenDataset } from "./dataset/write-dataset.js";
export type { WriteOptions } from "./dataset/write-shards.js";
export { writePart } from "./parts/write-part.js";
export type { WrittenPart } from "./parts/write-part.js";
export type { PartSpec } from "./parts/part-spec.js";
export { findMaximum } from "./parts/find-maximum.js";
export type { FoundMaxima, MaximumSpec } from "./parts/find-maximum.js";
export { checkGenerateSpec, isDatasetOf } from "./dataset/generate-spec.js";
export { readManifest } from "./dataset/read-manifest.js";
export type { GenerateSpec } from "./dataset/generate-spec.js";
export type { ColumnNames } from "./format/columns.js";
export type {
  ConvertedManifest,
  ForeignDescription,
  Manifest,
  ShardEntry,
  SyntheticManifest,
  TableFormat,
} from "./format/manifest.js";
export { manifestSchema } from "./format/manifest.js";
export { measureRounding, roundingWarnings } from "./format/column-rounding.js";
export { exceedsFloat32, exceedsFloat64 } from "./format/number-type.js";
export type { NumberType } from "./format/number-type.js";
export { openTable } from "./dataset/open-table.js";
export { removeJournal } from "./output/journal.js";
export type { Table } from "./dataset/open-table.js";
export { openShard } from "./reading/shard-reader.js";
export type { RowTarget, ShardReader, ShardSource, RowSelection } from "./format/types.js";
export type { Floats, ColumnScales } from "./format/types.js";
export { countSelected } from "./reading/selected-rows.js";
export { withChecksums } from "./dataset/verify-on-read.js";
export { recordBatchRows, rowBytes } from "./format/shard-format.js";
export { COMPRESSIONS } from "./format/compression.js";
export type { Compression } from "./format/compression.js";
export type { ShardFormat } from "./format/shard-format.js";
export { openSource } from "./external/open-source.js";
export type { SourceOptions } from "./external/open-source.js";
export { writeRows } from "./rows/write-rows.js";
export type { RowsOptions } from "./rows/write-rows.js";
export type { Rows } from "./rows/types.js";
export { isDataset } from "./external/open-source.js";
export { preparationSchema } from "./format/manifest.js";
export type { RecordedPreparation } from "./format/manifest.js";
export type { DescribeOptions, TableDescription } from "./describe/describe-table.js";
export type { DescribedColumn } from "./describe/types.js";
export type { ConversionPlan } from "./external/plan-conversion.js";
export type { PlanOptions } from "./prepare/types.js";
export type { ConvertOptions } from "./external/convert.js";
export type { ConvertedDataset } from "./dataset/converted-dataset.js";
export type { ShardStatus } from "./verify/check-shard.js";
export type { VerifyOptions, VerifyResult } from "./verify/result.js";
export { readTable } from "./tables/read-table.js";
export { writeTypedTable } from "./tables/typed-table.js";
export type { TypedColumn, TypedField } from "./format/typed-column.js";
export { createGrowingTable } from "./tables/growing-table.js";
export type { GrowingTable } from "./tables/growing-table.js";
export { writeLongTable, writeTable } from "./tables/row-table.js";
export type { TableColumn, TableValues } from "./tables/table-values.js";

// Loaded when they are first called: most jobs read datasets that are whole already.
export const convert = lazily(async () => (await import("./external/convert.js")).convert);
export const planConversion = lazily(
  async () => (await import("./external/plan-conversion.js")).planConversion,
);
export const describeTable = lazily(
  async () => (await import("./describe/describe-table.js")).describeTable,
);
export const applyPreparation = lazily(
  async () => (await import("./external/apply-preparation.js")).applyPreparation,
);
export type { JoinOptions } from "./parts/join-datasets.js";
export const joinDatasets = lazily(
  async () => (await import("./parts/join-datasets.js")).joinDatasets,
);

// Objects of a store, by the URL of their folder.
export { absoluteLocation, locationIn } from "./format/location.js";
export const endUploads = lazily(async () => (await import("./remote/index.js")).endUploads);
export const listObjects = lazily(async () => (await import("./remote/index.js")).listObjects);
export const putObject = lazily(async () => (await import("./remote/index.js")).putObject);
export const readObject = lazily(async () => (await import("./remote/index.js")).readObject);
export const removeObject = lazily(async () => (await import("./remote/index.js")).removeObject);
export const verifyDataset = lazily(async () => (await import("./verify/verify.js")).verifyDataset);
