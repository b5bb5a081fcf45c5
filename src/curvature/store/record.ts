import { z } from "zod/mini";
import type { CurvatureRecord } from "../types.js";

/** The name of the record within a result's folder. */
export const CURVATURE_FILE = "curvature.json";

const count = z.number().check(z.int(), z.nonnegative(), z.lte(Number.MAX_SAFE_INTEGER));
const estimate = z.strictObject({
  estimate: z.number(),
  standardError: z.number().check(z.nonnegative()),
});
const eigenvalues = z.array(
  z.strictObject({
    eigenvalue: z.number(),
    residual: z.number().check(z.nonnegative()),
    converged: z.boolean(),
  }),
);

const snapshot = z.strictObject({
  step: count,
  largest: z.number(),
  residual: z.number().check(z.nonnegative()),
  limit: z.nullable(z.number()),
});

const stability = z.strictObject({
  formula: z.enum(["2/η", "(2 + 2µ)/η", "(2 + 2µ)/((1 + 2µ)η)"]),
  above: count,
  below: count,
  undecided: count,
  crossing: z.nullable(z.strictObject({ after: z.nullable(count), by: count, limit: z.number() })),
  nearest: z.strictObject({ step: count, ratio: z.number() }),
  since: z.nullable(
    z.strictObject({
      snapshots: count,
      above: count,
      least: z.number(),
      mean: z.number(),
      largest: z.number(),
    }),
  ),
});

const range = z.tuple([z.number(), z.number()]);

/** curvature.json. Its direction folders cannot lie outside the result's own. */
export const curvatureRecordSchema: z.ZodMiniType<CurvatureRecord> = z.strictObject({
  formatVersion: z.literal(1),
  run: z.string(),
  dataset: z.strictObject({ path: z.string(), fingerprint: z.string() }),
  standardized: z.boolean(),
  part: z.enum(["gauss-newton", "residual", "all"]),
  batchSize: count.check(z.positive()),
  batches: z.nullable(z.array(count).check(z.minLength(1))),
  rows: count.check(z.positive()),
  parameters: count.check(z.positive()),
  vectors: count.check(z.positive()),
  tolerance: z.number().check(z.positive()),
  seed: count,
  probes: count,
  least: eigenvalues.check(z.minLength(1)),
  largest: eigenvalues.check(z.minLength(1)),
  trace: estimate,
  negative: z.nullable(z.strictObject({ count: estimate, sum: estimate })),
  kinks: z.nullable(
    z.array(
      z.strictObject({
        direction: z.number(),
        radius: z.number(),
        switches: count,
        quotient: z.number(),
        fromKinks: z.number(),
      }),
    ),
  ),
  perBatch: z.nullable(z.strictObject({ least: range, largest: range })),
  // Absent in results of earlier versions.
  alongPath: z._default(
    z.nullable(
      z.strictObject({
        snapshots: count.check(z.positive()),
        unconverged: count,
        first: snapshot,
        last: snapshot,
        highest: snapshot,
        stability: z.nullable(stability),
      }),
    ),
    null,
  ),
  products: count,
  passes: count,
  method: z.enum(["matrix", "kernel", "autodiff"]),
  simd: z.enum(["relaxed", "fixed", "none"]),
  directions: z.array(
    z.string().check(z.regex(/^directions\/-?[1-9]\d{0,2}$/, "must be directions/K")),
  ),
  command: z.string(),
  seconds: z.number().check(z.nonnegative()),
});
