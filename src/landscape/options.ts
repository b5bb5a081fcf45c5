import { availableParallelism } from "node:os";
import { shellWord } from "../common/command-line.js";
import { usageError } from "../common/errors.js";
import type { LineSpec } from "./line.js";
import type { LandscapeOptions } from "./types.js";

/** Points of a line at the most. */
const mostPoints = 1_000_000;
/** Threads at the most. */
const mostWorkers = 1024;
/** Weights beyond this could not be float32. */
const largestScale = 1e30;

/** What a landscape is computed with: the options with their defaults. */
export interface Settings extends LineSpec {
  /** Undefined: the first five, or as many as there are. */
  batches: number | "all" | readonly number[] | undefined;
  batchSize: number;
  workers: number;
}

/** Fills in the defaults and checks the rest. Throws a usage error that names the option. */
export function settingsOf(options: LandscapeOptions, runBatchSize: number): Settings {
  const { along = "random", points = 101, scale = 1, endpoint = true, seed = 42 } = options;
  const { batches, batchSize = runBatchSize, workers = availableParallelism() } = options;
  if (along !== "random" && along !== "random-points") {
    throw usageError(`--along is ${String(along)}; it must be random or random-points.`);
  }
  checkCount("points", points, 1, mostPoints);
  checkCount("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  checkCount("workers", workers, 1, mostWorkers);
  checkCount("batch-size", batchSize, 1, Number.MAX_SAFE_INTEGER);
  if (!(scale > 0 && scale <= largestScale)) {
    throw usageError(`--scale is ${scale}; it must be a number above 0, at most ${largestScale}.`);
  }
  return { along, points, scale, endpoint, seed, batches, batchSize, workers };
}

function checkCount(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw usageError(`--${name} is ${value}; it must be a whole number from ${least} to ${most}.`);
}

/** The folder's name where the caller gives none. */
export function defaultName({ along, scale, seed }: Settings): string {
  return `${along}-scale-${scale}-seed-${seed}`;
}

/** The settings as a command line. */
export function commandOf(
  run: string,
  settings: Settings,
  options: LandscapeOptions,
  out: string,
): string {
  const dataset = typeof options.dataset === "object" ? options.dataset.path : options.dataset;
  return [
    `vadi landscape ${shellWord(run)}`,
    ...(dataset === undefined ? [] : [`--dataset ${shellWord(dataset)}`]),
    `--along ${settings.along} --points ${settings.points} --scale ${settings.scale}`,
    ...(settings.endpoint ? [] : ["--endpoint false"]),
    ...batchesOf(settings.batches),
    `--batch-size ${settings.batchSize} --seed ${settings.seed} --out ${shellWord(out)}`,
  ].join(" ");
}

function batchesOf(batches: Settings["batches"]): string[] {
  if (batches === undefined) return [];
  if (typeof batches !== "object") return [`--batches ${batches}`];
  // A list of one batch keeps a comma, or it would be a count.
  return [`--batches ${batches.join(",")}${batches.length === 1 ? "," : ""}`];
}
