import type { Language } from "../../language/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Landscape } from "../../landscape/index.js";
import type { HistoryRow, Run, RunRecord } from "../../train/index.js";
import { trainingCurve } from "./curve.js";
import { sectionOfDataset } from "./dataset.js";
import type { FactTable, LineFigure, ReportSection, Scrubber } from "../figures/figure.js";
import { formatCount, formatNumber, formatPercent } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import { formatSeconds } from "../../common/text/times.js";
import { describedModel, layersTable, nameOfModel } from "./model.js";
import { settingsOfRun } from "./settings.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";
import { walkPlane } from "./landscape.js";
import { settingsOfLandscape } from "./landscape-settings.js";
import { claimOfTraining } from "./claims/training.js";
import { readWalk, walkFigures } from "./walk/index.js";
import { weightErrors, weightFigure, weightTable } from "./weights.js";

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
 * A run as sections: its training with curve and results, its dataset, and its settings with the command that
 * reproduces it.
 *
 * @param dataset the run's dataset, if available. It adds facts, the variance of the noise, and the true weights
 * @param plane a landscape over the plane of the run’s path
 */
export async function sectionsOfRun(
  language: Language,
  run: Run,
  dataset?: Dataset,
  plane?: Landscape,
): Promise<ReportSection[]> {
  return [
    await trainingSection(language, run, dataset, plane),
    sectionOfDataset(language, run.record.dataset, dataset),
    settingsSection(run.record),
    ...(plane ? [{ ...settingsOfLandscape(plane.record), title: "Settings of the surface" }] : []),
  ];
}

/**
 * The training of a run: the curve and the walk of the weights, through which a scrubber moves; results, weights.
 *
 * @param plane along the run’s path, which shows the walk on the loss surface
 */
export async function trainingSection(
  _language: Language,
  run: Run,
  dataset?: Dataset,
  plane?: Landscape,
): Promise<ReportSection> {
  const { record } = run;
  const history = await run.history();
  const blocks: ReportSection["blocks"] = [];
  const curve = curveOf(run, history, dataset);
  const walk = await readWalk(run, dataset);
  let scrubber: Scrubber | undefined;
  if (walk) {
    const standardized = hasStandardizedTarget(record);
    const moving = walkFigures({
      walk,
      history,
      curve,
      plane: plane && (await walkPlane(plane)),
      loss: lossName(standardized),
      target: standardized ? "standardised target" : "target",
    });
    blocks.push(...moving.figures);
    scrubber = moving.scrubber;
  } else if (curve) blocks.push(curve);
  const estimated = weightFigure(record, dataset);
  if (blocks.length === 0 && estimated) blocks.push(estimated);
  blocks.push(resultTable(record, dataset));
  const layers = layersTable(await describedModel(run));
  const weights = weightTable(record, dataset);
  for (const table of [weights, layers]) if (table) blocks.push(table);
  const notice = noticeOf(record);
  return {
    id: "training",
    title: claimOfTraining(record, history, dataset),
    name: "The training",
    ...(notice !== undefined && { notice }),
    text: `${capital(await titleOfRun(run))}: ${
      record.options.optimizer === "closed-form"
        ? "the weights are computed in one pass over the data, so there is no training curve."
        : lengthText(record)
    }`,
    ...(scrubber && { scrubber }),
    blocks,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The losses of a run against its steps; undefined if fewer than two were logged. */
function curveOf(
  run: Run,
  history: readonly HistoryRow[],
  dataset: Dataset | undefined,
): LineFigure | undefined {
  if (history.length < 2) return undefined;
  const curve = trainingCurve([run], [[...history]], ["loss"], dataset);
  return { ...curve, series: [...curve.series, ...validationSeries(run.record)] };
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
