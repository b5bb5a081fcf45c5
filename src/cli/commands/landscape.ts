import { formatCount, parseCount, quote } from "../../common/counts.js";
import { usageError } from "../../common/errors.js";
import { defineCommand, type Command } from "../command.js";
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
} from "../options.js";
import { facts, formatNumber, pathWord, shownPath } from "../output.js";

/** The first so many batches, all of them, or those of a list. */
export type BatchSelection = number | "all" | number[];

/** `5`, `all`, or `0,3,7`; a list of one batch keeps its comma: `7,`. */
const batchSelection = {
  parse(selection: string, option: string): BatchSelection {
    if (selection === "all") return "all";
    if (!selection.includes(",")) {
      if (!/^\d/.test(selection)) {
        throw usageError(
          `${option} must be a count of batches, all, or a list such as 0,3,7, not ${quote(selection)}.`,
        );
      }
      return parseCount(selection, option);
    }
    const numbers = selection.replace(/,$/, "").split(",");
    return numbers.map((one) => parseCount(one, option));
  },
};

/** The line and its batches, for `landscape` and for the experiments. */
export const lineOptions: {
  along: Option<"random" | "random-points">;
  points: Option<number>;
  scale: Option<number>;
  endpoint: Option<boolean>;
  batches: Option<BatchSelection | undefined>;
  "batch-size": Option<number | undefined>;
  seed: Option<number>;
  workers: Option<number | undefined>;
} = {
  along: withDefault(
    choice(["random", "random-points"]),
    "random",
    "random (a direction from the weights) or random-points (between two points)",
  ),
  points: withDefault(count, "101", "Points of the line"),
  scale: withDefault(number, "1", "How far the line goes from the weights, to either side"),
  endpoint: withDefault(toggle, "true", "Whether the line's last point is visited"),
  batches: optional(
    batchSelection,
    "The first so many batches, all, or their numbers: 0,3,7",
    "5, or all where there are fewer",
  ),
  "batch-size": optional(count, "Rows a batch", "the run's"),
  seed: withDefault(count, "42", "Seed of the direction"),
  workers: optional(count, "Worker threads", "one a core"),
};

export const landscapeCommand: Command = defineCommand({
  name: "landscape",
  describe: "Compute the loss of single batches along a line through the weights",
  positionals: { run: required(text, "Folder of the run") },
  options: {
    dataset: optional(text, "Folder of the dataset", "where the run says it was"),
    ...lineOptions,
    out: optional(text, "Folder to write the landscape to", "RUN/landscapes/NAME"),
    force: flag("Replace a landscape that is there already"),
  },
  examples: [
    { command: "vadi landscape runs/linear", describe: "Five batches along a random direction" },
    {
      command: "vadi landscape runs/mlp --scale 0.01 --batches all",
      describe: "Close to the weights, over every batch",
    },
  ],
  async run(values, { signal, onProgress }) {
    const { landscape } = await import("../../landscape/index.js");
    const { dir, record } = await landscape(values.run, {
      ...present({
        dataset: values.dataset,
        along: values.along,
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
    const points = record.alphas.length;
    const batches = record.batches.length;
    return {
      json: {
        out,
        points,
        batches,
        batchSize: record.batchSize,
        method: record.method,
        rowPointsPerSecond: record.rowPointsPerSecond,
      },
      rows: record.rows,
      rowsPerSecond: record.rowPointsPerSecond / points,
      text: [
        `Computed the loss along a line: ${out}`,
        ...facts([
          ["line", `${record.along}, ${points} points, scale ${formatNumber(record.scale)}`],
          ["batches", `${batches} of ${formatCount(record.batchSize)} rows`],
          ["speed", `${formatCount(record.rowPointsPerSecond)} row-points/s (${record.method})`],
        ]),
      ],
      next: `Next: vadi report ${sources.map(pathWord).join(" ")}`,
    };
  },
});
