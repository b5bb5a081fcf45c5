import path from "node:path";
import { z } from "zod/mini";
import { checkFiles } from "../../files/checksums.js";
import { checkInside } from "../../files/inside.js";
import { readJson } from "../../files/read-json.js";
import { loadNetwork } from "../../model/index.js";
import type { Certificate, CertificateRecord } from "../certificate-types.js";
import { CERTIFICATE_FILE, CERTIFICATE_FILES } from "./certificate-output.js";
import { readIntervals, readKinks, readProfile } from "./certificate-tables.js";

const count = z.number().check(z.int(), z.gte(0));
const positive = z.number().check(z.int(), z.gte(1));
const interval = z.strictObject({
  from: z.number(),
  to: z.number(),
  verdict: z.enum(["convex", "negative", "undecided"]),
  least: z.number(),
  bound: z.number(),
});

const schema: z.ZodMiniType<CertificateRecord> = z.strictObject({
  formatVersion: z.literal(1),
  run: z.string(),
  dataset: z.strictObject({ path: z.string(), fingerprint: z.string() }),
  standardized: z.boolean(),
  along: z.string(),
  parameter: z.exactOptional(z.string()),
  normalize: z.enum(["none", "filter"]),
  seed: count,
  scale: z.number().check(z.gt(0)),
  from: z.number(),
  to: z.number(),
  batchSize: positive,
  batches: z.array(count).check(z.minLength(1)),
  rows: positive,
  convex: z.nullable(z.boolean()),
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
  secondDifference: z.strictObject({
    switches: count,
    quotient: z.number(),
    fromKinks: z.number(),
  }),
  command: z.string(),
  seconds: z.number().check(z.gte(0)),
});

/**
 * Opens a certificate's folder.
 *
 * @throws a failure where it is not one, or a file is damaged
 */
export async function openCertificate(dir: string): Promise<Certificate> {
  const folder = path.resolve(dir);
  const file = path.join(folder, CERTIFICATE_FILE);
  const record = await readJson(file, schema, "a certificate's record");
  await checkInside(folder, [...CERTIFICATE_FILES, "directions/1"]);
  await checkFiles(folder, [CERTIFICATE_FILE]);
  return {
    dir: folder,
    record,
    intervals: () => readIntervals(folder),
    kinks: () => readKinks(folder),
    profile: () => readProfile(folder),
    centre: () => loadNetwork(path.join(folder, "centre")),
    direction: () => loadNetwork(path.join(folder, "directions", "1")),
  };
}
