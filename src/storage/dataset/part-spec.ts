import path from "node:path";
import { usageError } from "../../common/errors.js";
import { checkGenerateSpec, type CheckedSpec, type GenerateSpec } from "./generate-spec.js";
import { readMaxima } from "./read-maxima.js";
import { parseShards } from "./shard-selection.js";

/** Some shards of a dataset, for one machine of many. */
export interface PartSpec extends GenerateSpec {
  /** The shards to make, counted from 0: a range or a list such as `0-99` or `0-3,7`. */
  shards: string;
  /**
   * Two-layer-sigmoid: the two maxima over all rows of the whole dataset, exactly as `findMaximum`
   * found them, or the folder of another part or dataset that has written them down. Default: they are
   * found, by two passes over all rows.
   */
  maxima?: readonly [number, number] | string;
}

/** The shards of a part and, for two-layer-sigmoid, what its targets are divided by. */
export interface Part {
  /** Ascending. */
  shards: number[];
  /** Undefined where they are not given, but to be found. */
  maxima: [number, number] | undefined;
}

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
    throw usageError("--maxima is for two-layer-sigmoid data; LSM data has no maxima.");
  }
  const [first, second] =
    typeof maxima === "string" ? await readMaxima(path.resolve(maxima), checked) : maxima;
  for (const maximum of [first, second]) checkMaximum("--maxima", maximum);
  return { spec: checked, part: { ...part, maxima: [first, second] } };
}

/** Throws a usage error where a number cannot be a maximum that is divided by. */
export function checkMaximum(option: string, maximum: number): void {
  if (!Number.isFinite(maximum) || maximum === 0) {
    throw usageError(`${option} must be other than 0 and finite, not ${maximum}.`);
  }
  // The kernel's maxima are float32: anything else was rounded on the way.
  if (Math.fround(maximum) !== maximum) {
    throw usageError(
      `${option} must be exactly as 'vadi maxima' prints it, to the last digit; ${maximum} is not.`,
    );
  }
}
