import { plainNumber, withError } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { text } from "../../../common/options/kinds.js";
import { pickOptions, required } from "../../../common/options/options.js";
import { curvatureOptions } from "../../../curvature/options.js";
import type {
  CurvatureRecord,
  CurvatureResult,
  HessianEigenvalue,
  PathSharpness,
} from "../../../curvature/index.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { facts, pathWord, shownPath, table } from "../../terminal/output.js";

export const curvatureCommand: Command = defineCommand({
  name: "curvature",
  describe: "Find the extreme eigenvalues of the Hessian, with error bounds",
  positionals: { run: required(text, "Folder of the run") },
  options: curvatureOptions,
  examples: [
    { command: "vadi curvature runs/mlp", describe: "Five at each end, over all rows" },
    {
      command: "vadi curvature runs/mlp --batches 1 --density",
      describe: "Of the first batch's loss, with the density of all eigenvalues",
    },
    {
      command: "vadi curvature runs/mlp --part residual",
      describe: "Of the part from which all negative curvature comes",
    },
    {
      command: "vadi curvature runs/mlp --along-path --vectors 1 --out runs/mlp/curvature/path",
      describe: "What becomes of the largest one over the training, beside 2/learning-rate",
    },
  ],
  async run(values, { signal, onProgress }) {
    const { curvature } = await import("../../../curvature/index.js");
    const found = await curvature(values.run, {
      ...pickOptions(curvatureOptions, values),
      signal,
      onProgress,
    });
    return curvatureResult(found, values.out ?? shownPath(found.dir), values.run);
  },
});

/** What is said of a finished curvature. */
export function curvatureResult(
  { record }: CurvatureResult,
  out: string,
  run: string = record.run,
): CommandResult {
  const { least, largest, trace, negative, products, rows } = record;
  return {
    json: {
      out,
      least,
      largest,
      trace,
      negative,
      parameters: record.parameters,
      kinks: record.kinks,
      perBatch: record.perBatch,
      alongPath: record.alongPath,
      products,
      passes: record.passes,
      method: record.method,
    },
    rows,
    rowsPerSecond: (rows * record.passes) / Math.max(record.seconds, 1e-6),
    text: [
      `Found the eigenvalues of the Hessian: ${out}`,
      ...facts(factsOf(record)),
      ...table(["eigenvalue", "residual", ""], [...largest, ...least.toReversed()].map(rowOf)),
    ],
    next: `Next: vadi landscape ${pathWord(run)} --along curvature:1`,
  };
}

function factsOf(record: CurvatureRecord): [string, string][] {
  const { trace, negative, products, passes, rows, parameters } = record;
  return [
    ["loss", `mean over ${counted(rows, "row")}, ${counted(parameters, "parameter")}`],
    ["trace", withError(trace, plainNumber)],
    ...(negative === null
      ? []
      : [
          [
            "negative eigenvalues",
            `${withError(negative.count, plainNumber)}, their sum ${plainNumber(negative.sum.estimate)}`,
          ] as [string, string],
        ]),
    ...(record.kinks ?? []).map(
      ({ direction, radius, switches, quotient, fromKinks }) =>
        [
          `along eigenvector ${direction}`,
          `second difference ${plainNumber(quotient, 4)} over ±${plainNumber(radius)}, of which ${plainNumber(fromKinks, 4)} comes from ${counted(switches, "kink")}`,
        ] as [string, string],
    ),
    ...(record.perBatch === null
      ? []
      : [
          [
            "single batches",
            `least ${rangeText(record.perBatch.least)}, largest ${rangeText(record.perBatch.largest)}`,
          ] as [string, string],
        ]),
    ...(record.alongPath === null
      ? []
      : [["along the path", pathText(record.alongPath)] as [string, string]]),
    [
      "work",
      `${counted(products, "Hessian-vector product")}, ${counted(passes, "pass", "passes")} over the rows`,
    ],
  ];
}

/** What becomes of the largest eigenvalue over the training, and when it exceeds the limit of stable steps. */
function pathText({ snapshots, first, last, stability }: PathSharpness): string {
  const change = `largest from ${plainNumber(first.largest, 4)} to ${plainNumber(last.largest, 4)} in ${counted(snapshots, "snapshot")}`;
  if (stability === null) return change;
  const { formula, crossing, nearest, since } = stability;
  if (crossing === null || since === null) {
    return `${change}, at most ${plainNumber(nearest.ratio, 4)} times ${formula}`;
  }
  const { after, by } = crossing;
  const when =
    after === null
      ? `above ${formula} at step ${by} already`
      : `rises above ${formula} between steps ${after} and ${by}`;
  return `${change}; ${when}, and is then ${plainNumber(since.least, 4)} … ${plainNumber(since.largest, 4)} times it`;
}

function rangeText([low, high]: [number, number]): string {
  return `${plainNumber(low, 4)} … ${plainNumber(high, 4)}`;
}

function rowOf({ eigenvalue, residual, converged }: HessianEigenvalue): string[] {
  return [
    plainNumber(eigenvalue, 6),
    plainNumber(residual, 2),
    converged ? "" : "not converged: there may be others beyond it",
  ];
}
