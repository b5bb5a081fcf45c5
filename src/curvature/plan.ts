import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod/mini";
import { failure } from "../common/errors.js";
import { writeFileAtomic } from "../files/atomic.js";
import { readJson } from "../files/read-json.js";
import { parametersOf } from "../model/index.js";
import type { Network } from "../model/index.js";
import type { CurvatureSettings } from "./resolve-options.js";
import { exists } from "../files/folders.js";

const PLAN_FILE = "plan.json";
const schema = z.strictObject({
  formatVersion: z.literal(1),
  plan: z.record(z.string(), z.unknown()),
});

/** All that a result depends on, by the names of the options. */
export type CurvaturePlan = Record<string, unknown>;

/** What the eigenvalues depend on. */
export function curvaturePlan(
  network: Network,
  fingerprint: string,
  settings: CurvatureSettings,
): CurvaturePlan {
  const { batches, batchSize, vectors, tolerance, part, density, probes, products, seed, memory } =
    settings;
  const { perBatch, alongPath, kinks = null, method } = settings;
  return {
    dataset: fingerprint,
    model: hashOf(network),
    batches,
    batchSize,
    vectors,
    tolerance,
    part,
    method,
    density,
    probes,
    perBatch,
    alongPath,
    kinks,
    products,
    seed,
    // The basis is restarted when it fills its part of the memory.
    memory,
  };
}

/** The SHA-256 of a network's numbers. */
export function hashOf(network: Network): string {
  const weights = createHash("sha256");
  for (const { values } of parametersOf(network)) weights.update(values);
  return weights.digest("hex");
}

/**
 * Writes the plan into the folder of a result that is not complete, or checks that it is the same.
 *
 * @param what the result is, in errors
 * @param again says how to start again
 * @throws a failure that names the first option which differs
 */
export async function keepPlan(
  partial: string,
  wanted: CurvaturePlan,
  out: string,
  what = "curvature",
  again: (option: (name: string) => string) => string = (option) =>
    `start again with ${option("force")}`,
): Promise<void> {
  const file = path.join(partial, PLAN_FILE);
  if (!exists(file)) {
    const content = { formatVersion: 1, plan: wanted };
    await writeFileAtomic(file, `${JSON.stringify(content)}\n`);
    return;
  }
  const { plan } = await readJson(file, schema, `a ${what}'s plan`);
  const differing = differenceOf(plan, wanted);
  if (differing === undefined) return;
  throw failure(
    (option) =>
      `${out} holds an unfinished ${what} of another ${differing === "model" ? differing : option(differing)}; ` +
      `continue with the same options, or ${again(option)}.`,
  );
}

/** The name of the first option that differs. */
export function differenceOf(
  is: Readonly<CurvaturePlan>,
  wanted: Readonly<CurvaturePlan>,
): string | undefined {
  return Object.keys(wanted).find(
    (name) => JSON.stringify(is[name]) !== JSON.stringify(wanted[name]),
  );
}
