import { z } from "zod";
import type { LandscapeRecord } from "../points/types.js";

/** The name of a landscape's record within its folder. */
export const recordFile = "landscape.json";

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const numbers = z.array(z.number());

/** A training's path in a landscape's coordinates: as many of each as there are steps. */
export const pathSchema: z.ZodType<NonNullable<LandscapeRecord["path"]>> = z
  .strictObject({
    steps: z.array(count).min(1),
    alphas: numbers,
    betas: numbers.exactOptional(),
    explained: numbers.min(1).max(2),
    distances: numbers,
  })
  .refine(
    ({ steps, alphas, betas, distances }) =>
      [alphas, betas ?? alphas, distances].every(({ length }) => length === steps.length),
    "must have as many coordinates as steps",
  );

/** landscape.json. Its direction folders cannot lie outside the landscape's own. */
export const landscapeRecordSchema: z.ZodType<LandscapeRecord> = z
  .strictObject({
    formatVersion: z.literal(1),
    run: z.string(),
    dataset: z.strictObject({ path: z.string(), fingerprint: z.string() }),
    standardized: z.boolean().default(false),
    kind: z.enum(["line", "plane"]),
    along: z.enum([
      "random",
      "random-points",
      "gradient",
      "path",
      "model",
      "curvature",
      "swap",
      "rescale",
    ]),
    model: z.string().exactOptional(),
    parameter: z.string().exactOptional(),
    normalize: z.enum(["none", "filter"]),
    seed: count,
    scale: z.number().positive(),
    alphas: numbers.min(1),
    betas: numbers.min(1).exactOptional(),
    batchSize: count.positive(),
    batches: z.array(count).min(1),
    keep: z.enum(["all", "summary"]).default("all"),
    directions: z
      .array(z.string().regex(/^directions\/[12]$/, "must be directions/1 and directions/2"))
      .min(1)
      .max(2),
    directionNorms: z.array(z.number().nonnegative()).default([]),
    path: pathSchema.exactOptional(),
    command: z.string(),
    method: z.string(),
    simd: z.enum(["relaxed", "fixed", "mixed", "none"]).default("none"),
    rows: count.positive(),
    seconds: z.number().nonnegative(),
    rowPointsPerSecond: z.number().nonnegative(),
  })
  .refine(
    ({ kind, betas, directions }) =>
      (kind === "plane") === (betas !== undefined) &&
      directions.length === (kind === "plane" ? 2 : 1),
    "a plane has betas and two directions, a line has neither",
  );
