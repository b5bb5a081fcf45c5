import { z } from "zod/mini";
import { COMPRESSIONS } from "./compression.js";
import { rowBytes } from "./shard-format.js";
import type { ColumnNames } from "./columns.js";

/** No compression that vadi writes packs values tighter than this (Snappy's limit is 21). */
const LARGEST_COMPRESSION = 64;

/** A plain file name without a folder, so that a manifest cannot name a file outside its own folder. */
const fileName = z
  .string()
  .check(
    z.maxLength(255),
    z.regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
      "must be a plain file name inside the dataset's folder",
    ),
  );

/** Types of DuckDB without types within them; they stand in SQL, which a stranger must not write. */
export const SQL_TYPE = /^[A-Z][A-Z0-9_ ]*(?:\(\d+(?:, ?\d+)?\))?$/;

const count = z.number().check(z.int(), z.nonnegative(), z.lte(Number.MAX_SAFE_INTEGER));

/** One file of a dataset. */
export type ShardEntry = z.infer<typeof shardEntrySchema>;

export const shardEntrySchema = z.strictObject({
  file: fileName,
  rows: count.check(z.positive()),
  bytes: count.check(z.positive()),
  /** Of the file. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits")),
});

const common = {
  formatVersion: z.literal(1),
  rows: count.check(z.positive()),
  /** D, the number of features. */
  features: count.check(z.positive()),
  format: z.enum(["arrow", "parquet"]),
  /** Of Parquet pages; absent if they are not compressed. */
  compression: z.exactOptional(z.enum(COMPRESSIONS)),
  shards: z.array(shardEntrySchema).check(z.minLength(1)),
  generator: z.strictObject({ name: z.string(), version: z.string() }),
};

const drawn = { ...common, noise: z.number().check(z.nonnegative()), seed: count };

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

/** A column of a source, as DuckDB names its type. */
const sourceColumn = z.strictObject({
  name: z.string(),
  type: z.string().check(z.regex(SQL_TYPE)),
});

const csvOptions = z.record(
  z.string().check(z.regex(/^[a-z_]+$/)),
  z.union([z.string(), z.array(z.string())]),
);

/** How the rows were made of a source that was read by a query; all absent where the columns were copied. */
const preparationFields = {
  /** The query over the view `source`, whose columns are the features and the target. */
  query: z.exactOptional(z.string()),
  columns: z.exactOptional(z.array(sourceColumn)),
  /** Options of DuckDB's reader of CSV with which the files were read, but their encoding. */
  csvOptions: z.exactOptional(csvOptions),
  /** What was learned from the source's values, by column. */
  learned: z.exactOptional(
    z.record(
      z.string(),
      z.strictObject({
        missing: count,
        fill: z.exactOptional(z.union([z.number(), z.string()])),
        clip: z.exactOptional(z.tuple([z.number(), z.number()])),
        categories: z.exactOptional(z.array(z.string())),
        first: z.exactOptional(z.string()),
      }),
    ),
  ),
};

/** How a source's rows become features and a target: what applies to new files too. */
export const preparationSchema = z.strictObject({
  query: z.string(),
  columns: z.array(sourceColumn),
  csvOptions: z.exactOptional(csvOptions),
  /** The names of the features and the target in the query. */
  outputs: z.strictObject({ features: z.array(z.string()), target: z.string() }),
});

export type RecordedPreparation = z.infer<typeof preparationSchema>;

const tableSchema = z.strictObject({
  ...common,
  kind: z.literal("table"),
  columns: z.strictObject({ features: z.array(z.string()), target: z.string() }),
  /** The table: its fingerprint, its rows, and how many of them were dropped as invalid. */
  source: z.strictObject({
    fingerprint: z.string(),
    rows: count,
    dropped: count,
    ...preparationFields,
  }),
});

/** The manifest of a synthetic dataset. */
export type SyntheticManifest = z.infer<typeof lsmSchema> | z.infer<typeof twoLayerSigmoidSchema>;

/** The manifest of a dataset that was converted from a table. */
export type ConvertedManifest = z.infer<typeof tableSchema>;

/** manifest.json, which describes a dataset. Two runs of the same command write the same bytes. */
export type Manifest = SyntheticManifest | ConvertedManifest;

/** Describes a foreign table or some columns of a dataset, which have no manifest. */
export interface ForeignDescription {
  kind: "foreign";
  /** Rows that are read, without those that were dropped as invalid. */
  rows: number;
  dropped: number;
  /** D, the number of features. */
  features: number;
  format: TableFormat;
  columns: ColumnNames;
  /** The files, named as in the fingerprint; a dataset's files have a SHA-256. */
  shards: { file: string; rows: number; bytes: number; sha256?: string }[];
}

/** The formats of files that are read. */
export type TableFormat = "arrow" | "parquet";

/** Whether the numbers of true weights and of names fit the features, which bounds the features by the manifest's own size. */
function namesAllFeatures({ features, ...manifest }: Manifest): boolean {
  if (manifest.kind === "table") return manifest.columns.features.length === features;
  return manifest.kind === "lsm"
    ? manifest.truth.w.length === features
    : manifest.truth.w1.length === 2 * features ** 2 && manifest.truth.w2.length === 2 * features;
}

/**
 * Checks a manifest's form and that its counts agree with each other. Rows and features are bounded
 * by the sizes of the manifest and the shards, so that code that trusts them allocates no more than
 * these sizes justify.
 */
export const manifestSchema: z.ZodMiniType<Manifest> = z
  .discriminatedUnion("kind", [lsmSchema, twoLayerSigmoidSchema, tableSchema])
  .check(
    z.superRefine((manifest, context) => {
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
    }),
  );
