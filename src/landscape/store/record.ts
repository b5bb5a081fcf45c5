import { z } from "zod/mini";
import type { LandscapeRecord } from "../points/types.js";

/** The name of a landscape's record within its folder. */
export const recordFile = "landscape.json";

/** The folder of the direction to a model whose units were reordered, as it is. */
export const unalignedFolder = "unaligned";

const count = z.number().check(z.int(), z.nonnegative(), z.lte(Number.MAX_SAFE_INTEGER));
const numbers = z.array(z.number());

/** A training's path in a landscape's coordinates: as many of each as there are steps. */
export const pathSchema: z.ZodMiniType<NonNullable<LandscapeRecord["path"]>> = z
  .strictObject({
    steps: z.array(count).check(z.minLength(1)),
    alphas: numbers,
    betas: z.exactOptional(numbers),
    explained: numbers.check(z.minLength(1), z.maxLength(2)),
    distances: numbers,
  })
  .check(
    z.refine(
      ({ steps, alphas, betas, distances }) =>
        [alphas, betas ?? alphas, distances].every(({ length }) => length === steps.length),
      "must have as many coordinates as steps",
    ),
  );

const barrierSchema = z.strictObject({
  height: z.number(),
  alpha: z.number(),
  missed: z.number(),
  start: z.number(),
  end: z.number(),
  rise: z.number(),
});

const bounded = z.strictObject({ value: z.number(), bound: z.number() });

const symmetrySchema = z.strictObject({
  ff: bounded,
  fy: bounded,
  yy: bounded,
  product: z.exactOptional(bounded),
  minimum: z.exactOptional(bounded),
  rise: z.exactOptional(bounded),
});

/** landscape.json. Its direction folders cannot lie outside the landscape's own. */
export const landscapeRecordSchema: z.ZodMiniType<LandscapeRecord> = z
  .strictObject({
    formatVersion: z.literal(1),
    run: z.string(),
    dataset: z.strictObject({ path: z.string(), fingerprint: z.string() }),
    standardized: z._default(z.boolean(), false),
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
    model: z.exactOptional(z.string()),
    parameter: z.exactOptional(z.string()),
    normalize: z.enum(["none", "filter"]),
    seed: count,
    scale: z.number().check(z.positive()),
    alphas: numbers.check(z.minLength(1)),
    betas: z.exactOptional(numbers.check(z.minLength(1))),
    batchSize: count.check(z.positive()),
    batches: z.array(count).check(z.minLength(1)),
    keep: z._default(z.enum(["all", "summary"]), "all"),
    directions: z
      .array(
        z.string().check(z.regex(/^directions\/[12]$/, "must be directions/1 and directions/2")),
      )
      .check(z.minLength(1), z.maxLength(2)),
    directionNorms: z._default(z.array(z.number().check(z.nonnegative())), []),
    path: z.exactOptional(pathSchema),
    alignment: z.exactOptional(z.array(z.array(count))),
    barrier: z.exactOptional(barrierSchema),
    unaligned: z.exactOptional(barrierSchema),
    symmetry: z.exactOptional(symmetrySchema),
    command: z.string(),
    method: z.string(),
    simd: z._default(z.enum(["relaxed", "fixed", "mixed", "none"]), "none"),
    rows: count.check(z.positive()),
    seconds: z.number().check(z.nonnegative()),
    rowPointsPerSecond: z.number().check(z.nonnegative()),
  })
  .check(
    z.refine(
      ({ kind, betas, directions }) =>
        (kind === "plane") === (betas !== undefined) &&
        directions.length === (kind === "plane" ? 2 : 1),
      "a plane has betas and two directions, a line has neither",
    ),
  );
