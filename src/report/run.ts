import { existsSync } from "node:fs";
import path from "node:path";
import type { Dataset } from "../stream/index.js";
import type { HistoryRow, Run, RunRecord } from "../train/index.js";
import { sectionOfDataset } from "./dataset.js";
import type { DataLink, FactTable, LineFigure, ReportSection } from "./figure.js";
import { formatBytes, formatFraction, formatNumber, formatRate, formatSeconds } from "./format.js";

/** True weights are listed one by one up to so many. */
const listedWeights = 100;

const optimizers: Record<RunRecord["options"]["optimizer"], string> = {
  sgd: "SGD",
  momentum: "SGD with momentum",
  nesterov: "SGD with Nesterov's momentum",
  rmsprop: "RMSProp",
  adam: "Adam",
  "gradient-descent": "gradient descent",
  "closed-form": "the closed form",
};

/** `linear 10→1 by SGD` */
export function titleOfRun(record: RunRecord): string {
  const kind = record.layers.length === 2 ? "linear model" : "MLP";
  return `${kind} ${record.layers.join("→")} by ${optimizers[record.options.optimizer]}`;
}

/**
 * A run as sections: the dataset's facts, how the training went with its figure and results, and
 * the settings with the command that reproduces it.
 *
 * @param dataset the run's dataset, if it is at hand: adds its manifest's facts, the noise floor
 *   and the comparison with the true weights
 */
export async function sectionsOfRun(run: Run, dataset?: Dataset): Promise<ReportSection[]> {
  return [
    sectionOfDataset(run.record.dataset, dataset),
    await trainingSection(run, dataset),
    settingsSection(run.record),
  ];
}

/** The training alone: curve, results, weights. */
export async function trainingSection(run: Run, dataset?: Dataset): Promise<ReportSection> {
  const { record } = run;
  const history = await run.history();
  const blocks: ReportSection["blocks"] = [];
  if (history.length > 1) blocks.push(trainingCurve([run], [history], ["loss"], dataset));
  blocks.push(resultTable(record, dataset));
  const weights = weightTable(record, dataset);
  if (weights) blocks.push(weights);
  const notice = noticeOf(record);
  return {
    id: "training",
    title: `Training: ${titleOfRun(record)}`,
    ...(notice !== undefined && { notice }),
    text:
      record.options.optimizer === "closed-form"
        ? "The weights were solved for in one pass over the data, so there is no training curve."
        : `${formatNumber(record.parameters)} weights, trained for ${formatNumber(record.options.epochs)} ${record.options.epochs === 1 ? "epoch" : "epochs"} in batches of ${formatNumber(record.options.batchSize)} rows.`,
    blocks,
  };
}

function noticeOf(record: RunRecord): string | undefined {
  switch (record.status) {
    case "done":
      return undefined;
    case "running":
      return "This run has not ended: it is still going on, or was cut off.";
    case "stopped":
      return "This run was stopped before its end.";
    case "diverged":
      return "This run diverged: its loss stopped being a finite number. A smaller learning rate may help.";
  }
}

/** What losses are drawn against. */
const horizontals: Record<"step" | "seconds", { title: string; axis: LineFigure["x"] }> = {
  step: {
    title: "Loss against step",
    axis: { title: "step (one update of the weights)", symbol: "step" },
  },
  seconds: {
    title: "Loss against time",
    axis: { title: "time since the training’s start (s)", symbol: "time" },
  },
};

/** The table that has the history's columns; a run that has not ended has its journal alone. */
function historyLink(dir: string): DataLink {
  const table = path.join(dir, "history.parquet");
  const file = existsSync(table) ? table : path.join(dir, "history.jsonl");
  return { file, what: `every logged step of ${path.basename(dir)}` };
}

/** Logarithmic where the values span more than a decade. */
function scaleOf(histories: readonly HistoryRow[][]): "linear" | "log" {
  let lowest = Infinity;
  let highest = 0;
  for (const { loss } of histories.flat()) {
    if (!Number.isFinite(loss) || loss <= 0) continue;
    lowest = Math.min(lowest, loss);
    highest = Math.max(highest, loss);
  }
  return highest > 10 * lowest ? "log" : "linear";
}

/** The losses of runs against what `along` names. */
export function trainingCurve(
  runs: readonly Run[],
  histories: readonly HistoryRow[][],
  names: readonly string[],
  dataset: Dataset | undefined,
  along: "step" | "seconds" = "step",
): LineFigure {
  const scale = scaleOf(histories);
  const series: LineFigure["series"] = histories.map((history, index) => ({
    name: names[index] ?? path.basename(runs[index]?.dir ?? ""),
    x: history.map((row) => row[along]),
    y: history.map((row) => row.loss),
  }));
  const { axis, title } = horizontals[along];
  let floor = "";
  if (dataset?.manifest.kind === "lsm" && dataset.manifest.noise > 0) {
    const variance = dataset.manifest.noise ** 2;
    const steps = histories.flat().map((row) => row.step);
    const [first, last] = [smallest(steps), largest(steps)];
    series.push({
      name: `variance of the noise, ${formatNumber(variance)}`,
      role: "reference",
      x: [first, last],
      y: [variance, variance],
    });
    floor =
      " and whether it settles at the variance of the noise (dashed), below which no model can stay";
  }
  const several = histories.length > 1;
  return {
    kind: "lines",
    id: several ? "training-curves" : "training-curve",
    title: several ? `${title}, run by run` : title,
    caption: several
      ? "Look for which run falls fastest and which ends lowest; a run’s scatter is the difference between its batches."
      : `Look for how fast the loss falls${floor}; the scatter is the difference between batches.`,
    x: axis,
    y: { title: "loss (mean squared error of the step’s batch)", symbol: "loss", scale },
    series,
    data: runs.map(({ dir }) => historyLink(dir)),
  };
}

// Spreading a long array into Math.min would overflow the stack.
function smallest(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

export function largest(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}

export function lossText(loss: number | null): string | number {
  return loss ?? "not finite";
}

function resultTable(record: RunRecord, dataset: Dataset | undefined): FactTable {
  const { result } = record;
  const rows: FactTable["rows"] = [["status", record.status]];
  if (result) {
    rows.push(
      ["final loss (mean squared error)", lossText(result.loss)],
      ["steps", result.steps],
      ["epochs", result.epochs],
      ["rows seen", result.rows],
      ["time", formatSeconds(result.seconds)],
      ["throughput", formatRate(result.rowsPerSecond, "rows/s")],
      ["waited for data", `${formatFraction(result.waitedForData)} of the time`],
    );
    const truth = trueWeights(record, dataset);
    if (truth && result.weights) {
      const errors = result.weights.map((weight, index) => weight - (truth[index] ?? NaN));
      const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
      rows.push(
        ["largest error of a weight", largest(errors.map(Math.abs))],
        ["root mean square error of the weights", rms],
      );
    }
  }
  return { kind: "table", id: "result", title: "Result", columns: ["quantity", "value"], rows };
}

function trueWeights(record: RunRecord, dataset: Dataset | undefined): number[] | undefined {
  if (dataset?.manifest.kind !== "lsm" || record.layers.length !== 2) return undefined;
  return dataset.manifest.truth.w;
}

function weightTable(record: RunRecord, dataset: Dataset | undefined): FactTable | undefined {
  const weights = record.result?.weights;
  if (!weights) return undefined;
  const truth = trueWeights(record, dataset);
  const rows = weights
    .slice(0, listedWeights)
    .map((weight, index): (string | number)[] => [
      dataset?.featureNames[index] ?? `x${index}`,
      ...(truth ? [truth[index] ?? NaN, weight, weight - (truth[index] ?? NaN)] : [weight]),
    ]);
  return {
    kind: "table",
    id: "weights",
    title: truth ? "Trained weights against the true ones" : "Trained weights",
    ...(weights.length > listedWeights && {
      caption: `The first ${listedWeights} of ${formatNumber(weights.length)} weights.`,
    }),
    columns: truth ? ["feature", "true", "trained", "difference"] : ["feature", "trained"],
    rows,
  };
}

/** Every setting of a run by name, as the report tells it. */
export function settingsOfRun(record: RunRecord): FactTable["rows"] {
  const { options } = record;
  const isIterative = options.optimizer !== "closed-form";
  const rows: FactTable["rows"] = [
    ["model", options.model],
    ["layers", record.layers.join(" → ")],
    ["weights", record.parameters],
    ["optimizer", options.optimizer],
  ];
  if (isIterative) {
    rows.push(
      ["learning rate", options.learningRate],
      ["batch size", options.batchSize],
      ["epochs", options.epochs],
      ["shuffle", options.shuffle],
      ["last, smaller batch", options.dropLast ? "left out" : "used"],
      ["initial weights", options.init],
      ["gradients", options.gradients],
      [
        "loss logged every",
        `${formatNumber(options.logEvery)} ${options.logEvery === 1 ? "step" : "steps"}`,
      ],
    );
  } else rows.push(["ridge", options.ridge]);
  rows.push(
    ["seed", String(options.seed)],
    ["memory", formatBytes(options.memory)],
    [
      "backend",
      `${record.backend}, ${formatNumber(record.threads)} ${record.threads === 1 ? "thread" : "threads"}`,
    ],
    [
      "versions",
      `vadi ${record.versions.vadi}, TensorFlow.js ${record.versions.tfjs}, Node ${record.versions.node.replace(/^v/, "")}`,
    ],
  );
  return rows;
}

function settingsSection(record: RunRecord): ReportSection {
  return {
    id: "settings",
    title: "Settings of the training",
    blocks: [
      {
        kind: "table",
        id: "training-settings",
        title: "Settings",
        columns: ["setting", "value"],
        rows: settingsOfRun(record),
      },
    ],
    command: record.command,
  };
}
