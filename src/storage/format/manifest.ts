import { z } from "zod";
import { COMPRESSIONS, type Compression } from "./compression.js";
import { rowBytes } from "./shard-format.js";
import type { ColumnNames } from "./columns.js";

/** No compression that vadi writes packs values tighter than this (Snappy's limit is 21). */
const LARGEST_COMPRESSION = 64;

/** A plain file name: no folder, nothing hidden, so that a manifest cannot name a file outside its own folder. */
const fileName: z.ZodString = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a plain file name inside the dataset's folder");

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** The form of one shard's line. */
export const shardEntrySchema: z.ZodType<ShardEntry> = z.strictObject({
  file: fileName,
  rows: count.positive(),
  bytes: count.positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits"),
});

const common = {
  formatVersion: z.literal(1),
  rows: count.positive(),
  features: count.positive(),
  format: z.enum(["arrow", "parquet"]),
  compression: z.enum(COMPRESSIONS).exactOptional(),
  shards: z.array(shardEntrySchema).min(1),
  generator: z.strictObject({ name: z.string(), version: z.string() }),
};

const drawn = { ...common, noise: z.number().nonnegative(), seed: count };

const lsmSchema = z.strictObject({
  ...drawn,
  kind: z.literal("lsm"),
  /** w: D true weights. */
  truth: z.strictObject({ w: z.array(z.number()) }),
});

const twoLayerSigmoidSchema = z.strictObject({
  ...drawn,
  kind: z.literal("two-layer-sigmoid"),
  /** w1: D × 2D, row-major; w2: 2D × 1. */
  truth: z.strictObject({ w1: z.array(z.number()), w2: z.array(z.number()) }),
  /** The two global maxima that the formula divides by. */
  constants: z.strictObject({ maxima: z.tuple([z.number(), z.number()]) }),
});

const tableSchema = z.strictObject({
  ...common,
  kind: z.literal("table"),
  columns: z.strictObject({ features: z.array(z.string()), target: z.string() }),
  source: z.strictObject({ fingerprint: z.string(), rows: count, dropped: count }),
});

// The explicit types stand beside the schemas because isolatedDeclarations wants every export
// typed; the assignment below checks that they agree.

/** One file of a dataset. */
export interface ShardEntry {
  /** A plain file name inside the dataset's folder. */
  file: string;
  rows: number;
  bytes: number;
  /** Lower-case hex SHA-256 of the file. */
  sha256: string;
}

interface ManifestCommon {
  formatVersion: 1;
  rows: number;
  /** D, the number of features. */
  features: number;
  format: "arrow" | "parquet";
  /** Of Parquet pages; not there where there is none. */
  compression?: Compression;
  shards: ShardEntry[];
  generator: { name: string; version: string };
}

interface DrawnManifest extends ManifestCommon {
  noise: number;
  seed: number;
}

/** The manifest of a synthetic dataset. */
export type SyntheticManifest = DrawnManifest &
  (
    | { kind: "lsm"; truth: { w: number[] } }
    | {
        kind: "two-layer-sigmoid";
        truth: { w1: number[]; w2: number[] };
        constants: { maxima: [number, number] };
      }
  );

/** The manifest of a dataset that was converted from a table. */
export interface ConvertedManifest extends ManifestCommon {
  kind: "table";
  columns: ColumnNames;
  /** The table: its fingerprint, its rows, and how many of them were dropped as invalid. */
  source: { fingerprint: string; rows: number; dropped: number };
}

/** manifest.json: what a dataset is. Nothing in it differs between two makings of the same dataset. */
export type Manifest = SyntheticManifest | ConvertedManifest;

/** What is known of a foreign table, which has no manifest, and of some columns of a dataset. */
export interface ForeignDescription {
  kind: "foreign";
  /** Rows that are read: those that were dropped as invalid are not among them. */
  rows: number;
  dropped: number;
  /** D, the number of features. */
  features: number;
  format: TableFormat;
  columns: ColumnNames;
  /** The files' names as the fingerprint has them; what they hash to where they are a dataset's. */
  shards: { file: string; rows: number; bytes: number; sha256?: string }[];
}

/** The formats of files that are read. */
export type TableFormat = "arrow" | "parquet" | "csv";

/** Whether there are as many true weights or names as the features ask for, which bounds the features by the manifest's own size. */
function namesAllFeatures({ features, ...manifest }: Manifest): boolean {
  if (manifest.kind === "table") return manifest.columns.features.length === features;
  return manifest.kind === "lsm"
    ? manifest.truth.w.length === features
    : manifest.truth.w1.length === 2 * features ** 2 && manifest.truth.w2.length === 2 * features;
}

/**
 * Checks a manifest's form and that its counts agree with each other. Rows and features are bounded
 * by the sizes of the manifest and the shards, so that whoever trusts them allocates no more than
 * those justify.
 */
export const manifestSchema: z.ZodType<Manifest> = z
  .discriminatedUnion("kind", [lsmSchema, twoLayerSigmoidSchema, tableSchema])
  .superRefine((manifest, context) => {
    const shardRows = manifest.shards.reduce((sum, shard) => sum + shard.rows, 0);
    if (shardRows !== manifest.rows) {
      context.addIssue({
        code: "custom",
        path: ["rows"],
        message: `is ${manifest.rows}, but the shards hold ${shardRows} rows together`,
      });
    }
    if (!namesAllFeatures(manifest)) {
      context.addIssue({
        code: "custom",
        path: [manifest.kind === "table" ? "columns" : "truth"],
        message: `has another number of ${manifest.kind === "table" ? "names" : "weights"} than ${manifest.features} features have`,
      });
    }
    const packed = manifest.format === "arrow" ? 1 : LARGEST_COMPRESSION;
    const overfull = manifest.shards.findIndex(
      ({ rows, bytes }) => rows * rowBytes(manifest.features) > bytes * packed,
    );
    if (overfull >= 0) {
      context.addIssue({
        code: "custom",
        path: ["shards", overfull, "rows"],
        message: "is more than the shard's bytes can hold",
      });
    }
    if (new Set(manifest.shards.map((shard) => shard.file)).size !== manifest.shards.length) {
      context.addIssue({ code: "custom", path: ["shards"], message: "names a file twice" });
    }
  });
