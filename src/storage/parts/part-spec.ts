import { usageError } from "../../common/errors.js";
import type { GivenOptions } from "../../common/options/options.js";
import {
  checkGenerateSpec,
  type CheckedSpec,
  type GenerateSpec,
} from "../dataset/generate-spec.js";
import type { partOptions } from "../options.js";
import { absoluteLocation } from "../format/location.js";
import { readMaxima } from "./read-maxima.js";
import { parseShards } from "../dataset/shard-selection.js";
import type { Part } from "../dataset/write-shards.js";

/** Some shards of a dataset, for one machine of many. */
export type PartSpec = GenerateSpec & GivenOptions<typeof partOptions> & { shards: string };

/** How many shards a dataset has. */
export function shardCount({ rows, shardRows }: Pick<CheckedSpec, "rows" | "shardRows">): number {
  return Math.ceil(rows / shardRows);
}

/**
 * Fills in a part's defaults.
 *
 * @throws a usage error that names the option; a failure where the maxima cannot be read
 */
export async function checkPartSpec(spec: PartSpec): Promise<{ spec: CheckedSpec; part: Part }> {
  const { shards, maxima, ...rest } = spec;
  const checked = checkGenerateSpec(rest);
  const part: Part = { shards: parseShards(shards, shardCount(checked)), maxima: undefined };
  if (maxima === undefined) return { spec: checked, part };
  if (spec.kind === "lsm") {
    throw usageError(
      (option) => `${option("maxima")} is for two-layer-sigmoid data; LSM data has no maxima.`,
    );
  }
  const [first, second] =
    typeof maxima === "string" ? await readMaxima(absoluteLocation(maxima), checked) : maxima;
  for (const maximum of [first, second]) checkMaximum("maxima", maximum);
  return { spec: checked, part: { ...part, maxima: [first, second] } };
}

/**
 * Checks a maximum that targets are divided by.
 *
 * @param option the option that gave it
 * @throws a usage error
 */
export function checkMaximum(option: string, maximum: number): void {
  if (!Number.isFinite(maximum) || maximum === 0) {
    throw usageError((name) => `${name(option)} must be other than 0 and finite, not ${maximum}.`);
  }
  // Maxima are float32: any other number was rounded on the way.
  if (Math.fround(maximum) !== maximum) {
    throw usageError(
      (name) =>
        `${name(option)} must be exactly as 'vadi maxima' prints it, to the last digit; ${maximum} is not.`,
    );
  }
}
