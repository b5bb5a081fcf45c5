import { availableParallelism } from "node:os";
import { shellWord } from "../../common/command-line.js";
import { usageError } from "../../common/errors.js";
import { fillOptions, optionWords, pickOptions } from "../../common/options/options.js";
import { checkResumeOrForce } from "../../files/output-folder.js";
import { landscapeOptions, MOST_POINTS, type Along, type BatchSelection } from "../options.js";
import type { LandscapeOptions } from "./types.js";

const MODEL = "model:";

/** What a landscape is computed with: the options with their defaults. */
export interface LandscapeSettings {
  along: Along;
  align: boolean;
  plane: boolean;
  normalize: "none" | "filter";
  /** Along the first direction and the second; the second is 1 for a line. */
  points: readonly [number, number];
  scale: number;
  endpoint: boolean;
  seed: number;
  /** Null: the first five, or as many as there are. */
  batches: BatchSelection | null;
  batchSize: number;
  workers: number;
}

/** What follows the colon of `curvature:K` or `swap:LAYER:I:J`; empty for the others. */
export function parameterOf(along: Along, word: "curvature" | "swap"): string {
  return along.startsWith(`${word}:`) ? along.slice(word.length + 1) : "";
}

/** The path of `model:PATH`; empty for the others. */
export function modelOf(along: Along): string {
  return along.startsWith(MODEL) ? along.slice(MODEL.length) : "";
}

/** Fills in the defaults and checks the rest; `scale` is 1 until `auto` has been found. Throws a usage error that names the option. */
export function landscapeSettings(
  options: LandscapeOptions,
  runBatchSize: number,
): LandscapeSettings {
  const { dataset: _dataset, ...given } = options;
  const filled = fillOptions(landscapeOptions, given);
  const { along, align, plane, normalize, endpoint, seed, batches } = filled;
  checkAlong(along, plane, normalize);
  if (align && (plane || modelOf(along) === "")) {
    throw usageError(
      (option) =>
        `${option("align")} goes with ${option("along")} model:PATH, without ${option("plane")}.`,
    );
  }
  checkResumeOrForce(filled.resume, filled.force);
  return {
    along,
    align,
    plane,
    normalize,
    points: pointsOf(filled.points, plane),
    // `auto` looks along the line with its scale of 1.
    scale: filled.scale === "auto" ? 1 : filled.scale,
    endpoint,
    seed,
    batches,
    batchSize: filled.batchSize ?? runBatchSize,
    workers: filled.workers ?? availableParallelism(),
  };
}

function checkAlong(along: Along, plane: boolean, normalize: string): void {
  if (plane && along === "random-points") {
    throw usageError(
      (option) => `${option("plane")} goes with any ${option("along")} but random-points.`,
    );
  }
  if (normalize === "filter" && along !== "random" && along !== "gradient") {
    throw usageError(
      (option) =>
        `${option("normalize")} filter goes with ${option("along")} random or gradient: the directions of ${along} have the length that they have.`,
    );
  }
}

function pointsOf(points: number | readonly [number, number], plane: boolean): [number, number] {
  if (!plane) {
    if (typeof points === "number") return [points, 1];
    throw usageError(
      (option) =>
        `${option("points")} ${points.join("x")} is for a plane; add ${option("plane")}, or give one number.`,
    );
  }
  const [first, second] = typeof points === "number" ? [points, points] : points;
  if (first * second > MOST_POINTS) {
    throw usageError(
      (option) =>
        `${option("points")} ${first}x${second} are ${first * second} points; choose at most ${MOST_POINTS}.`,
    );
  }
  return [first, second];
}

/** The folder's name where the caller gives none. */
export function defaultName(settings: LandscapeSettings): string {
  const { along, align, plane, normalize, scale, seed } = settings;
  return [
    ...(plane ? ["plane"] : []),
    ...(align ? ["aligned"] : []),
    modelOf(along) === "" ? along.replaceAll(/[:@]/g, "-") : "model",
    ...(normalize === "none" ? [] : [normalize]),
    `scale-${scale}-seed-${seed}`,
  ].join("-");
}

/** The settings as a command line. */
export function landscapeCommandLine(
  run: string,
  settings: LandscapeSettings,
  options: LandscapeOptions,
  out: string,
): string {
  const { points, plane } = settings;
  const given = {
    ...pickOptions(landscapeOptions, { ...options }),
    ...(typeof options.dataset === "object" && { dataset: options.dataset.path }),
    out,
  };
  const used = { ...settings, points: plane ? points : points[0] };
  return [`vadi landscape ${shellWord(run)}`, ...optionWords(landscapeOptions, used, given)].join(
    " ",
  );
}
