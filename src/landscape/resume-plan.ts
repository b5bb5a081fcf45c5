import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod/mini";
import { failure } from "../common/errors.js";
import { writeFileAtomic } from "../files/atomic.js";
import { checkFiles, writeChecksums } from "../files/checksums.js";
import { hashBytes } from "../files/hash.js";
import { readJson } from "../files/read-json.js";
import { loadModel, saveNetwork } from "../model/index.js";
import type { Network } from "../model/index.js";
import { vectorsOf } from "./directions/weights.js";
import type { Axes } from "./axes.js";
import type { AnyGrid } from "./points/grid.js";
import type { LandscapeSettings } from "./points/resolve-options.js";
import { pathSchema, unalignedFolder } from "./store/record.js";

/** The plan of a landscape that is not complete, beside its centre and directions. */
export const planFile = "plan.json";

/** All that the losses depend on, by the names of the options. */
export type Plan = Record<string, unknown>;

const schema = z.strictObject({
  formatVersion: z.literal(1),
  plan: z.record(z.string(), z.unknown()),
  path: z.exactOptional(pathSchema),
  parameter: z.exactOptional(z.string()),
  alignment: z.exactOptional(z.array(z.array(z.number()))),
});

/** What a landscape's losses depend on. */
export function planOf(
  network: Network,
  fingerprint: string,
  settings: LandscapeSettings,
  batches: readonly number[],
): Plan {
  const { along, align, plane, normalize, points, scale, endpoint, batchSize, seed } = settings;
  const weights = createHash("sha256");
  for (const vector of vectorsOf(network)) weights.update(vector);
  return {
    dataset: fingerprint,
    model: weights.digest("hex"),
    along,
    align,
    plane,
    normalize,
    points: plane ? points : points[0],
    scale,
    endpoint,
    batches,
    batchSize,
    seed,
  };
}

/** Writes axes and plan into a folder. The plan comes last: where there is one, the axes are complete. */
export async function savePlan(folder: string, plan: Plan, axes: Axes): Promise<void> {
  await saveAxes(folder, axes);
  const content = {
    formatVersion: 1,
    plan,
    ...(axes.path === undefined ? {} : { path: axes.path }),
    ...(axes.parameter === undefined ? {} : { parameter: axes.parameter }),
    ...(axes.alignment && { alignment: axes.alignment }),
  };
  const text = `${JSON.stringify(content)}\n`;
  await writeChecksums(folder, ["centre", "directions", unalignedFolder], {
    file: planFile,
    sha256: hashBytes(text),
  });
  await writeFileAtomic(path.join(folder, planFile), text);
}

/** Writes centre/ and directions/1/ … into a folder. */
export async function saveAxes(
  folder: string,
  { centre, directions, unaligned }: Pick<AnyGrid, "centre" | "directions" | "unaligned">,
): Promise<void> {
  await saveNetwork(path.join(folder, "centre"), centre);
  for (const [index, direction] of directions.entries()) {
    await saveNetwork(path.join(folder, "directions", String(index + 1)), direction);
  }
  if (unaligned) await saveNetwork(path.join(folder, unalignedFolder), unaligned);
}

/**
 * The axes of an unfinished landscape.
 *
 * @throws a failure that names a damaged file, or the first option which differs from the plan's
 */
export async function loadPlan(folder: string, wanted: Plan, out: string): Promise<Axes> {
  const file = path.join(folder, planFile);
  await checkFiles(folder, [planFile]);
  const {
    plan,
    path: along,
    parameter,
    alignment,
  } = await readJson(file, schema, "a landscape's plan");
  const differing = Object.keys(wanted).find(
    (name) => JSON.stringify(plan[name]) !== JSON.stringify(wanted[name]),
  );
  if (differing !== undefined) {
    const isOption = !["dataset", "model"].includes(differing);
    throw failure(
      (option) =>
        `${out} holds an unfinished landscape of another ${isOption ? option(differing) : differing}; ` +
        `continue with the same options, or start again with ${option("force")}.`,
    );
  }
  const count = wanted["plane"] === true ? 2 : 1;
  const directions: Network[] = [];
  for (let index = 1; index <= count; index++) {
    directions.push(await loadModel(path.join(folder, "directions", String(index))));
  }
  return {
    centre: await loadModel(path.join(folder, "centre")),
    directions,
    ...(along === undefined ? {} : { path: along }),
    ...(parameter === undefined ? {} : { parameter }),
    ...(alignment && {
      alignment,
      unaligned: await loadModel(path.join(folder, unalignedFolder)),
    }),
  };
}
