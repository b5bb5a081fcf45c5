import path from "node:path";
import { z } from "zod";
import { readJson } from "../../files/read-json.js";
import { loadNetwork } from "../../model/index.js";
import type { Certificate, CertificateRecord } from "../certificate-types.js";
import { CERTIFICATE_FILE } from "./certificate-output.js";
import { readIntervals, readKinks } from "./certificate-tables.js";

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const interval = z.strictObject({
  from: z.number(),
  to: z.number(),
  verdict: z.enum(["convex", "negative", "undecided"]),
  least: z.number(),
  bound: z.number(),
});

const schema: z.ZodType<CertificateRecord> = z.strictObject({
  formatVersion: z.literal(1),
  run: z.string(),
  dataset: z.strictObject({ path: z.string(), fingerprint: z.string() }),
  standardized: z.boolean(),
  along: z.string(),
  parameter: z.string().exactOptional(),
  normalize: z.enum(["none", "filter"]),
  seed: count,
  scale: z.number().positive(),
  from: z.number(),
  to: z.number(),
  batchSize: count.positive(),
  batches: z.array(count).min(1),
  rows: count.positive(),
  convex: z.boolean().nullable(),
  intervalCount: count,
  lengths: z.strictObject({ convex: z.number(), negative: z.number(), undecided: z.number() }),
  least: interval,
  intervals: z.array(interval),
  kinkCounts: z.strictObject({ falling: count, rising: count, undecided: count }),
  kinks: z.array(
    z.strictObject({
      alpha: z.number(),
      slopeChange: z.number(),
      bound: z.number(),
      row: count,
      layer: count,
      unit: count,
    }),
  ),
  command: z.string(),
  seconds: z.number().nonnegative(),
});

/** Opens a certificate's folder. Throws a failure where it is not one. */
export async function openCertificate(dir: string): Promise<Certificate> {
  const folder = path.resolve(dir);
  const file = path.join(folder, CERTIFICATE_FILE);
  const record = await readJson(file, schema, "a certificate's record");
  return {
    dir: folder,
    record,
    intervals: () => readIntervals(path.join(folder, "intervals.parquet")),
    kinks: () => readKinks(path.join(folder, "kinks.parquet")),
    centre: () => loadNetwork(path.join(folder, "centre")),
    direction: () => loadNetwork(path.join(folder, "directions", "1")),
  };
}
