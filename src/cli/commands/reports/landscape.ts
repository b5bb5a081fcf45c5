import { formatCount, plainNumber } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { text } from "../../../common/options/kinds.js";
import { pickOptions, required } from "../../../common/options/options.js";
import { landscapeOptions } from "../../../landscape/options.js";
import { defineCommand, type Command } from "../../parse/command.js";
import type { LandscapeRecord } from "../../../landscape/index.js";
import { facts, pathWord, shownPath } from "../../terminal/output.js";

export const landscapeCommand: Command = defineCommand({
  name: "landscape",
  describe: "Compute the loss of batches along a line or over a plane",
  positionals: { run: required(text, "Folder of the run") },
  options: landscapeOptions,
  examples: [
    { command: "vadi landscape runs/linear", describe: "Five batches along a random direction" },
    {
      command: "vadi landscape runs/mlp --scale 0.01 --batches all",
      describe: "Close to the weights, over every batch",
    },
    {
      command: "vadi landscape runs/mlp --along path --plane --points 51x51",
      describe: "A surface in the plane of the training's path",
    },
  ],
  async run(values, { signal, onProgress }) {
    const { landscape } = await import("../../../landscape/index.js");
    const { dir, record } = await landscape(values.run, {
      ...pickOptions(landscapeOptions, values),
      signal,
      onProgress,
    });
    const out = values.out ?? shownPath(dir);
    // A report of a run finds the landscapes that lie in the run's folder, and no others.
    const sources = values.out === undefined ? [values.run] : [values.run, values.out];
    const lines = record.betas?.length ?? (record.alignment ? 2 : 1);
    const points = record.alphas.length * lines;
    const isPlane = record.kind === "plane";
    const grid = `${record.alphas.length}${isPlane || record.alignment ? `x${lines}` : ""}`;
    const batches = record.batches.length;
    return {
      json: {
        out,
        points,
        batches,
        batchSize: record.batchSize,
        method: record.method,
        simd: record.simd,
        ...(record.barrier && { barrier: record.barrier }),
        ...(record.unaligned && { unaligned: record.unaligned }),
        rowPointsPerSecond: record.rowPointsPerSecond,
      },
      rows: record.rows,
      rowsPerSecond: record.rowPointsPerSecond / points,
      text: [
        `Computed the loss ${isPlane ? "over a plane" : "along a line"}: ${out}`,
        ...facts([
          [record.kind, `${record.along}, ${grid} points, scale ${plainNumber(record.scale)}`],
          ["batches", `${batches} of ${counted(Math.min(record.batchSize, record.rows), "row")}`],
          ...barrierFacts(record),
          ["speed", `${formatCount(record.rowPointsPerSecond)} row-points/s (${record.method})`],
        ]),
      ],
      next: `Next: vadi report ${sources.map(pathWord).join(" ")}`,
    };
  },
});

/** The barriers of a line between two models. */
function barrierFacts({ barrier, unaligned }: LandscapeRecord): [string, string][] {
  const found = [
    ["barrier as it is", unaligned],
    [unaligned ? "units matched" : "barrier", barrier],
  ] as const;
  return found.flatMap(([name, one]): [string, string][] =>
    one === undefined
      ? []
      : [[name, `${plainNumber(one.height)} at α = ${plainNumber(one.alpha)}`]],
  );
}
