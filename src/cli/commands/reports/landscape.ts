import type { Along } from "../../../landscape/index.js";
import { formatCount } from "../../../common/text/numbers.js";
import { parseCount } from "../../../common/text/parse.js";
import { counted } from "../../../common/text/plurals.js";
import { quote } from "../../../common/text/quote.js";
import { usageError } from "../../../common/errors.js";
import { defineCommand, type Command } from "../../parse/command.js";
import {
  choice,
  count,
  flag,
  present,
  number,
  optional,
  required,
  text,
  toggle,
  withDefault,
  type Option,
} from "../../parse/options.js";
import { facts, formatNumber, pathWord, shownPath } from "../../terminal/output.js";

/** The first so many batches, all of them, or those of a list. */
type BatchSelection = number | "all" | number[];

/** The most batches that a range may name: their numbers are held. */
const longestRange = 10_000_000;

/** `7`, or `0-99`. */
function parseRange(range: string, option: string): number[] {
  const [first = "", last = first, ...rest] = range.split("-");
  const from = parseCount(first, option);
  const to = parseCount(last, option);
  if (rest.length > 0 || to < from || to - from >= longestRange) {
    throw usageError(`${option} has ${quote(range)}, which is no range of batches such as 0-99.`);
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** `5`, `all`, or `0,3,7` with ranges `0-99`; a list of one batch keeps its comma: `7,`. */
const batchSelection = {
  parse(selection: string, option: string): BatchSelection {
    if (selection === "all") return "all";
    if (!/[,-]/.test(selection.slice(1))) {
      if (!/^\d/.test(selection)) {
        throw usageError(
          `${option} must be a count of batches, all, or a list such as 0,3,7 or 0-99, not ${quote(selection)}.`,
        );
      }
      return parseCount(selection, option);
    }
    const numbers = selection.replace(/,$/, "").split(",");
    return numbers.flatMap((one) => parseRange(one, option));
  },
};

const alongWords = ["random", "random-points", "gradient", "path"] as const;

/** One of the words, or `model:PATH`. */
const alongKind = {
  parse(given: string, option: string): Along {
    if (given.startsWith("model:") && given !== "model:") return given as `model:${string}`;
    const found = alongWords.find((word) => word === given);
    if (found === undefined) {
      throw usageError(
        `${option} must be ${alongWords.join(", ")} or model:PATH, not ${quote(given)}.`,
      );
    }
    return found;
  },
};

/** `101`, or of a plane `51x51`. */
const pointsKind = {
  parse(given: string, option: string): number | [number, number] {
    const [first = "", second, ...rest] = given.split("x");
    if (second === undefined) return parseCount(given, option);
    if (rest.length > 0)
      throw usageError(`${option} must be such as 101 or 51x51, not ${quote(given)}.`);
    return [parseCount(first, option), parseCount(second, option)];
  },
};

/** The line and its batches, for `landscape` and for the experiments. */
export const lineOptions: {
  along: Option<Along>;
  points: Option<number>;
  scale: Option<number>;
  endpoint: Option<boolean>;
  batches: Option<BatchSelection | undefined>;
  "batch-size": Option<number | undefined>;
  seed: Option<number>;
  workers: Option<number | undefined>;
} = {
  along: withDefault(
    alongKind,
    "random",
    "random, random-points (between two), gradient, path (of the training) or model:PATH",
  ),
  points: withDefault(count, "101", "Points of the line"),
  scale: withDefault(number, "1", "How far the line goes from the weights, to either side"),
  endpoint: withDefault(toggle, "true", "Whether the line's last point is visited"),
  batches: optional(
    batchSelection,
    "The first so many batches, all, or their numbers: 0,3,7 or 0-99",
    "5, or all where there are fewer",
  ),
  "batch-size": optional(count, "Rows a batch", "the run's"),
  seed: withDefault(count, "42", "Seed of the direction"),
  workers: optional(count, "Worker threads", "one a core"),
};

export const landscapeCommand: Command = defineCommand({
  name: "landscape",
  describe: "Compute the loss of single batches along a line or over a plane through the weights",
  positionals: { run: required(text, "Folder of the run") },
  options: {
    dataset: optional(text, "Folder of the dataset", "where the run says it was"),
    ...lineOptions,
    plane: flag("Two directions: a surface"),
    points: withDefault(pointsKind, "101", "Points of the line, or of a plane along both: 51x51"),
    normalize: withDefault(
      choice(["none", "filter"]),
      "none",
      "filter: a direction's units get the norms of the weights' units",
    ),
    keep: optional(
      choice(["all", "summary"]),
      "Keep every batch's curve, or only means, variances and quantiles",
      "all, up to 5M losses",
    ),
    out: optional(text, "Folder to write the landscape to", "RUN/landscapes/NAME"),
    resume: flag("Go on with a landscape that was interrupted"),
    force: flag("Replace a landscape that is there already"),
  },
  examples: [
    { command: "vadi landscape runs/linear", describe: "Five batches along a random direction" },
    {
      command: "vadi landscape runs/mlp --scale 0.01 --batches all",
      describe: "Close to the weights, over every batch",
    },
    {
      command: "vadi landscape runs/mlp --along path --plane --points 51x51",
      describe: "A surface in the plane that the training walked in",
    },
  ],
  async run(values, { signal, onProgress }) {
    const { landscape } = await import("../../../landscape/index.js");
    const { dir, record } = await landscape(values.run, {
      ...present({
        dataset: values.dataset,
        along: values.along,
        plane: values.plane,
        normalize: values.normalize,
        keep: values.keep,
        resume: values.resume,
        points: values.points,
        scale: values.scale,
        endpoint: values.endpoint,
        batches: values.batches,
        batchSize: values["batch-size"],
        seed: values.seed,
        workers: values.workers,
        out: values.out,
        force: values.force,
      }),
      signal,
      onProgress,
    });
    const out = values.out ?? shownPath(dir);
    // A report of a run finds the landscapes that lie in the run's folder, and no others.
    const sources = values.out === undefined ? [values.run] : [values.run, values.out];
    const points = record.alphas.length * (record.betas?.length ?? 1);
    const isPlane = record.kind === "plane";
    const grid = isPlane ? `${record.alphas.length}x${record.betas?.length}` : String(points);
    const batches = record.batches.length;
    return {
      json: {
        out,
        points,
        batches,
        batchSize: record.batchSize,
        method: record.method,
        simd: record.simd,
        rowPointsPerSecond: record.rowPointsPerSecond,
      },
      rows: record.rows,
      rowsPerSecond: record.rowPointsPerSecond / points,
      text: [
        `Computed the loss ${isPlane ? "over a plane" : "along a line"}: ${out}`,
        ...facts([
          [record.kind, `${record.along}, ${grid} points, scale ${formatNumber(record.scale)}`],
          ["batches", `${batches} of ${counted(Math.min(record.batchSize, record.rows), "row")}`],
          ["speed", `${formatCount(record.rowPointsPerSecond)} row-points/s (${record.method})`],
        ]),
      ],
      next: `Next: vadi report ${sources.map(pathWord).join(" ")}`,
    };
  },
});
