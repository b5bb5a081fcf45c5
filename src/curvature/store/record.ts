import { z } from "zod";
import type { CurvatureRecord } from "../types.js";

/** The name of the record within a result's folder. */
export const CURVATURE_FILE = "curvature.json";

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const estimate = z.strictObject({ estimate: z.number(), standardError: z.number().nonnegative() });
const eigenvalues = z.array(
  z.strictObject({
    eigenvalue: z.number(),
    residual: z.number().nonnegative(),
    converged: z.boolean(),
  }),
);

/** curvature.json. Its direction folders cannot lie outside the result's own. */
export const curvatureRecordSchema: z.ZodType<CurvatureRecord> = z.strictObject({
  formatVersion: z.literal(1),
  run: z.string(),
  dataset: z.strictObject({ path: z.string(), fingerprint: z.string() }),
  standardized: z.boolean(),
  part: z.enum(["gauss-newton", "residual", "all"]),
  batchSize: count.positive(),
  batches: z.array(count).min(1).nullable(),
  rows: count.positive(),
  parameters: count.positive(),
  vectors: count.positive(),
  tolerance: z.number().positive(),
  seed: count,
  probes: count,
  least: eigenvalues.min(1),
  largest: eigenvalues.min(1),
  trace: estimate,
  negative: z.strictObject({ count: estimate, sum: estimate }).nullable(),
  products: count,
  passes: count,
  method: z.enum(["kernel", "autodiff"]),
  simd: z.enum(["relaxed", "fixed", "none"]),
  directions: z.array(z.string().regex(/^directions\/-?[1-9]\d{0,2}$/, "must be directions/K")),
  command: z.string(),
  seconds: z.number().nonnegative(),
});
