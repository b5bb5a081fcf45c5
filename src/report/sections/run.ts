import type { Dataset } from "../../stream/index.js";
import type { Run, RunRecord } from "../../train/index.js";
import { trainingCurve } from "./curve.js";
import { sectionOfDataset } from "./dataset.js";
import type { FactTable, LineFigure, ReportSection } from "../figures/figure.js";
import { formatCount, formatNumber, formatPercent } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import { formatSeconds } from "../../common/text/times.js";
import { describedModel, layersTable, nameOfModel } from "./model.js";
import { settingsOfRun } from "./settings.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";
import { weightErrors, weightTable } from "./weights.js";

const optimizers: Record<RunRecord["options"]["optimizer"], string> = {
  sgd: "SGD",
  momentum: "SGD with momentum",
  nesterov: "SGD with Nesterov's momentum",
  rmsprop: "RMSProp",
  adam: "Adam",
  "gradient-descent": "gradient descent",
  "closed-form": "the closed form",
};

/** `linear model 10→1 by SGD` */
export async function titleOfRun(run: Run): Promise<string> {
  const model = nameOfModel(run.record, await describedModel(run));
  return `${model} by ${optimizers[run.record.options.optimizer]}`;
}

/**
 * A run as sections: its dataset, its training with curve and results, and its settings with the command that
 * reproduces it.
 *
 * @param dataset the run's dataset, if available. It adds facts, the variance of the noise, and the true weights
 */
export async function sectionsOfRun(run: Run, dataset?: Dataset): Promise<ReportSection[]> {
  return [
    sectionOfDataset(run.record.dataset, dataset),
    await trainingSection(run, dataset),
    settingsSection(run.record),
  ];
}

/** The training of a run: curve, results, weights. */
export async function trainingSection(run: Run, dataset?: Dataset): Promise<ReportSection> {
  const { record } = run;
  const history = await run.history();
  const blocks: ReportSection["blocks"] = [];
  if (history.length > 1) {
    const curve = trainingCurve([run], [history], ["loss"], dataset);
    blocks.push({ ...curve, series: [...curve.series, ...validationSeries(record)] });
  }
  blocks.push(resultTable(record, dataset));
  const layers = layersTable(await describedModel(run));
  const weights = weightTable(record, dataset);
  for (const table of [weights, layers]) if (table) blocks.push(table);
  const notice = noticeOf(record);
  return {
    id: "training",
    title: `Training: ${await titleOfRun(run)}`,
    ...(notice !== undefined && { notice }),
    text:
      record.options.optimizer === "closed-form"
        ? "The weights are computed in one pass over the data, so there is no training curve."
        : lengthText(record),
    blocks,
  };
}

/** A sentence on the length of the training. */
function lengthText({ parameters, options, result, dataset }: RunRecord): string {
  const weights = countedExactly(parameters, "weight");
  const planned = countedExactly(options.epochs, "epoch");
  if (options.epochs === 0) return `${weights}, initial: no epochs were requested.`;
  const epochs =
    result && result.epochs < options.epochs
      ? `${formatNumber(result.epochs)} of ${planned}`
      : planned;
  const trained = result ? "trained for" : "to be trained for";
  if (options.optimizer === "gradient-descent")
    return `${weights}, ${trained} ${epochs}, each one step along the gradient of all rows.`;
  return options.batchSize < dataset.rows
    ? `${weights}, ${trained} ${epochs} in batches of ${formatNumber(options.batchSize)} rows.`
    : `${weights}, ${trained} ${epochs}, each one step on all rows.`;
}

function noticeOf(record: RunRecord): string | undefined {
  switch (record.status) {
    case "done":
      return undefined;
    case "running":
      return "This run has not ended: it is still running, or it was killed.";
    case "stopped":
      return "This run was stopped before its end.";
    case "diverged":
      return "This run diverged: its loss or a weight is no longer a finite number. A smaller learning rate may help.";
  }
}

/** The losses of the validation rows, each at the step after which it was measured. */
function validationSeries({ result }: RunRecord): LineFigure["series"] {
  if (!result?.validation || result.epochs === 0) return [];
  const { losses } = result.validation;
  const steps = result.steps / result.epochs;
  return [
    {
      name: "validation rows, after each epoch",
      role: losses.length > 1 ? "line" : "points",
      lowest: true,
      x: losses.map((_, epoch) => Math.round(steps * (epoch + 1))),
      // A loss that was not finite is recorded as the largest number.
      y: losses.map((loss) => (loss === Number.MAX_VALUE ? NaN : loss)),
    },
  ];
}

export function lossText(loss: number | null): string | number {
  return loss ?? "not finite";
}

function resultTable(record: RunRecord, dataset: Dataset | undefined): FactTable {
  const { result } = record;
  const loss = lossName(hasStandardizedTarget(record));
  const rows: FactTable["rows"] = [["status", record.status]];
  if (result) {
    rows.push(
      [`final loss (${loss})`, lossText(result.loss)],
      ["steps", result.steps],
      ["epochs", result.epochs],
      ["rows seen", result.rows],
      ["time", formatSeconds(result.seconds)],
      ["throughput", `${formatCount(result.rowsPerSecond)} rows/s`],
      ["waited for data", `${formatPercent(result.waitedForData)} of the time`],
    );
    const { validation } = result;
    if (validation) {
      rows.push(
        [`least loss of the validation rows (${loss})`, validation.loss],
        ["measured after epoch", validation.epoch],
        ["validation rows", validation.rows],
      );
      if (validation.stoppedEarly) rows.push(["ended", "early, since it no longer fell"]);
    }
    rows.push(...weightErrors(record, dataset));
  }
  return { kind: "table", id: "result", title: "Result", columns: ["quantity", "value"], rows };
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
