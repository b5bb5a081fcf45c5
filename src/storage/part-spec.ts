import { usageError } from "../common/errors.js";
import { checkGenerateSpec, type CheckedSpec, type GenerateSpec } from "./generate-spec.js";
import { parseShards } from "./shard-selection.js";

/** Some shards of a dataset, for one machine of many. */
export interface PartSpec extends GenerateSpec {
  /** The shards to make, counted from 0: a range or a list such as `0-99` or `0-3,7`. */
  shards: string;
  /**
   * Two-layer-sigmoid: the two maxima over all rows of the whole dataset, exactly as `findMaximum`
   * found them.
   */
  maxima?: readonly [number, number];
}

/** The shards of a part and, for two-layer-sigmoid, what its targets are divided by. */
export interface Part {
  /** Ascending. */
  shards: number[];
  maxima: [number, number] | undefined;
}

/** How many shards a dataset has. */
export function shardCount({ rows, shardRows }: Pick<CheckedSpec, "rows" | "shardRows">): number {
  return Math.ceil(rows / shardRows);
}

/**
 * Fills in a part's defaults.
 *
 * @throws a usage error that names the option
 */
export function checkPartSpec(spec: PartSpec): { spec: CheckedSpec; part: Part } {
  const { shards, maxima, ...rest } = spec;
  const checked = checkGenerateSpec(rest);
  const part = { shards: parseShards(shards, shardCount(checked)) };
  if (spec.kind === "lsm") {
    if (maxima !== undefined) {
      throw usageError("--maxima is for two-layer-sigmoid data; LSM data has no maxima.");
    }
    return { spec: checked, part: { ...part, maxima: undefined } };
  }
  if (maxima === undefined) {
    throw usageError(
      "--shards of two-layer-sigmoid data needs --maxima A,B, the two maxima over all rows of the whole dataset: find them with 'vadi maxima', in parts as well.",
    );
  }
  for (const maximum of maxima) checkMaximum("--maxima", maximum);
  return { spec: checked, part: { ...part, maxima: [maxima[0], maxima[1]] } };
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
