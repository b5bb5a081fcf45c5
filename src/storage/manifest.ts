import { z } from "zod";

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
  noise: z.number().nonnegative(),
  seed: count,
  format: z.enum(["arrow", "parquet"]),
  shards: z.array(shardEntrySchema).min(1),
  generator: z.strictObject({ name: z.string(), version: z.string() }),
};

const lsmSchema = z.strictObject({
  ...common,
  kind: z.literal("lsm"),
  /** w: D true weights. */
  truth: z.strictObject({ w: z.array(z.number()) }),
});

const twoLayerSigmoidSchema = z.strictObject({
  ...common,
  kind: z.literal("two-layer-sigmoid"),
  /** w1: D × 2D, row-major; w2: 2D × 1. */
  truth: z.strictObject({ w1: z.array(z.number()), w2: z.array(z.number()) }),
  /** The two global maxima that the formula divides by. */
  constants: z.strictObject({ maxima: z.tuple([z.number(), z.number()]) }),
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
  noise: number;
  seed: number;
  format: "arrow" | "parquet";
  shards: ShardEntry[];
  generator: { name: string; version: string };
}

/** manifest.json: what a dataset is. Nothing in it differs between two makings of the same dataset. */
export type Manifest = ManifestCommon &
  (
    | { kind: "lsm"; truth: { w: number[] } }
    | {
        kind: "two-layer-sigmoid";
        truth: { w1: number[]; w2: number[] };
        constants: { maxima: [number, number] };
      }
  );

/** Checks a manifest's form and that its counts agree with each other. */
export const manifestSchema: z.ZodType<Manifest> = z
  .discriminatedUnion("kind", [lsmSchema, twoLayerSigmoidSchema])
  .superRefine((manifest, context) => {
    const shardRows = manifest.shards.reduce((sum, shard) => sum + shard.rows, 0);
    if (shardRows !== manifest.rows) {
      context.addIssue({
        code: "custom",
        path: ["rows"],
        message: `is ${manifest.rows}, but the shards hold ${shardRows} rows together`,
      });
    }
    if (new Set(manifest.shards.map((shard) => shard.file)).size !== manifest.shards.length) {
      context.addIssue({ code: "custom", path: ["shards"], message: "names a file twice" });
    }
  });
