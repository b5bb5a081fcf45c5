import { availableParallelism } from "node:os";
import { shellWord } from "../../common/command-line.js";
import { usageError } from "../../common/errors.js";
import { checkResumeOrForce } from "../../files/output-folder.js";
import type { Along, LandscapeOptions } from "./types.js";

/** Points of a landscape at the most. */
const mostPoints = 1_000_000;
/** Threads at the most. */
const mostWorkers = 1024;
/** Weights beyond this could not be float32. */
const largestScale = 1e30;
const byDefault = 101;

const MODEL = "model:";

/** What a landscape is computed with: the options with their defaults. */
export interface Settings {
  along: Along;
  plane: boolean;
  normalize: "none" | "filter";
  /** Along the first direction and the second; the second is 1 for a line. */
  points: readonly [number, number];
  scale: number;
  endpoint: boolean;
  seed: number;
  /** Undefined: the first five, or as many as there are. */
  batches: number | "all" | readonly number[] | undefined;
  batchSize: number;
  workers: number;
}

/** The path of `model:PATH`; empty for the others. */
export function modelOf(along: Along): string {
  return along.startsWith(MODEL) ? along.slice(MODEL.length) : "";
}

/** Fills in the defaults and checks the rest. Throws a usage error that names the option. */
export function settingsOf(options: LandscapeOptions, runBatchSize: number): Settings {
  const { along = "random", plane = false, normalize = "none" } = options;
  const { scale = 1, endpoint = true, seed = 42 } = options;
  const { batches, batchSize = runBatchSize, workers = availableParallelism() } = options;
  checkAlong(along, plane, normalize);
  const points = pointsOf(options.points, plane);
  checkCount("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  checkCount("workers", workers, 1, mostWorkers);
  checkCount("batch-size", batchSize, 1, Number.MAX_SAFE_INTEGER);
  if (!(scale > 0 && scale <= largestScale)) {
    throw usageError(`--scale is ${scale}; it must be a number above 0, at most ${largestScale}.`);
  }
  checkResumeOrForce(options.resume === true, options.force === true);
  return { along, plane, normalize, points, scale, endpoint, seed, batches, batchSize, workers };
}

function checkAlong(along: string, plane: boolean, normalize: string): void {
  const known = ["random", "random-points", "gradient", "path"];
  if (!known.includes(along) && !(along.startsWith(MODEL) && along.length > MODEL.length)) {
    throw usageError(`--along is ${along}; it must be ${known.join(", ")} or model:PATH.`);
  }
  if (plane && along === "random-points") {
    throw usageError("--plane goes with --along random, gradient, path or model:PATH.");
  }
  if (normalize !== "none" && normalize !== "filter") {
    throw usageError(`--normalize is ${normalize}; it must be none or filter.`);
  }
  if (normalize === "filter" && along !== "random" && along !== "gradient") {
    throw usageError(
      `--normalize filter goes with --along random or gradient: the directions of ${along} have the length that they have.`,
    );
  }
}

function pointsOf(points: LandscapeOptions["points"], plane: boolean): [number, number] {
  if (typeof points === "object" && !plane) {
    throw usageError(
      `--points ${points.join("x")} is for a plane; add --plane, or give one number.`,
    );
  }
  const [first, second] =
    typeof points === "object" ? points : [points ?? byDefault, points ?? byDefault];
  checkCount("points", first, 1, mostPoints);
  if (!plane) return [first, 1];
  checkCount("points", second, 1, mostPoints);
  if (first * second > mostPoints) {
    throw usageError(
      `--points ${first}x${second} are ${first * second} points; choose at most ${mostPoints}.`,
    );
  }
  return [first, second];
}

function checkCount(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw usageError(`--${name} is ${value}; it must be a whole number from ${least} to ${most}.`);
}

/** The folder's name where the caller gives none. */
export function defaultName({ along, plane, normalize, scale, seed }: Settings): string {
  return [
    ...(plane ? ["plane"] : []),
    modelOf(along) === "" ? along : "model",
    ...(normalize === "none" ? [] : [normalize]),
    `scale-${scale}-seed-${seed}`,
  ].join("-");
}

/** The settings as a command line. */
export function commandOf(
  run: string,
  settings: Settings,
  options: LandscapeOptions,
  out: string,
): string {
  const dataset = typeof options.dataset === "object" ? options.dataset.path : options.dataset;
  const { along, plane, normalize, points, scale, endpoint, batchSize, seed } = settings;
  return [
    `vadi landscape ${shellWord(run)}`,
    ...(dataset === undefined ? [] : [`--dataset ${shellWord(dataset)}`]),
    `--along ${shellWord(along)}`,
    ...(plane ? ["--plane"] : []),
    ...(normalize === "none" ? [] : [`--normalize ${normalize}`]),
    `--points ${plane ? points.join("x") : points[0]} --scale ${scale}`,
    ...(endpoint ? [] : ["--endpoint false"]),
    ...batchesOf(settings.batches),
    `--batch-size ${batchSize} --seed ${seed}`,
    ...(options.keep === undefined ? [] : [`--keep ${options.keep}`]),
    `--out ${shellWord(out)}`,
  ].join(" ");
}

function batchesOf(batches: Settings["batches"]): string[] {
  if (batches === undefined) return [];
  if (typeof batches !== "object") return [`--batches ${batches}`];
  // A list of one batch keeps a comma, or it would be a count.
  const ranges = rangesOf(batches);
  return [`--batches ${ranges}${/^\d+$/.test(ranges) ? "," : ""}`];
}

/** Numbers with their runs as ranges: `0-3,7`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(",");
}
