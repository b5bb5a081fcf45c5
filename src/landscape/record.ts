import { z } from "zod";
import type { LandscapeRecord } from "./types.js";

/** The name of a landscape's record within its folder. */
export const recordFile = "landscape.json";

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** landscape.json. Its direction folders cannot lie outside the landscape's own. */
export const recordSchema: z.ZodType<LandscapeRecord> = z.strictObject({
  formatVersion: z.literal(1),
  run: z.string(),
  dataset: z.strictObject({ path: z.string(), fingerprint: z.string() }),
  kind: z.enum(["line", "plane"]),
  along: z.enum(["random", "random-points"]),
  normalize: z.enum(["none", "filter"]),
  seed: count,
  scale: z.number().positive(),
  alphas: z.array(z.number()).min(1),
  batchSize: count.positive(),
  batches: z.array(count).min(1),
  directions: z
    .array(z.string().regex(/^directions\/[1-9][0-9]{0,3}$/, "must be directions/1 and so on"))
    .min(1),
  command: z.string(),
  method: z.string(),
  rows: count.positive(),
  seconds: z.number().nonnegative(),
  rowPointsPerSecond: z.number().nonnegative(),
});
