import type { Language, Texts } from "../../language/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Landscape } from "../../landscape/index.js";
import type { HistoryRow, Run, RunRecord } from "../../train/index.js";
import { trainingCurve } from "./curve.js";
import { sectionOfDataset } from "./dataset.js";
import type { FactTable, LineFigure, ReportSection, Scrubber } from "../figures/figure.js";
import { describedModel, layersTable, nameOfModel } from "./model.js";
import { sectionOfPredictions } from "./predictions/index.js";
import { settingsOfRun } from "./settings.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";
import { walkPlane } from "./landscape.js";
import { settingsOfLandscape } from "./landscape-settings.js";
import { claimOfTraining } from "./claims/training.js";
import { readWalk, walkFigures } from "./walk/index.js";
import { weightErrors, weightFigure, weightTable } from "./weights.js";

/** `linear model 10→1 by SGD` */
export async function titleOfRun(texts: Texts, run: Run): Promise<string> {
  const model = nameOfModel(texts, run.record, await describedModel(run));
  return texts.training.title(model, texts.training.optimizers[run.record.options.optimizer]);
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
  const predictions = await sectionOfPredictions(language, run);
  return [
    await trainingSection(language, run, dataset, plane),
    ...(predictions === undefined ? [] : [predictions]),
    sectionOfDataset(language, run.record.dataset, dataset),
    settingsSection(language, run.record),
    ...(plane
      ? [
          {
            ...settingsOfLandscape(language, plane.record),
            title: language.texts.settings.ofSurface,
          },
        ]
      : []),
  ];
}

/**
 * The training of a run: the curve and the walk of the weights, through which a scrubber moves; results, weights.
 *
 * @param plane along the run’s path, which shows the walk on the loss surface
 */
export async function trainingSection(
  language: Language,
  run: Run,
  dataset?: Dataset,
  plane?: Landscape,
): Promise<ReportSection> {
  const { texts } = language;
  const { record } = run;
  const history = await run.history();
  const blocks: ReportSection["blocks"] = [];
  const curve = curveOf(texts, run, history, dataset);
  const walk = await readWalk(run, dataset);
  let scrubber: Scrubber | undefined;
  if (walk) {
    const standardized = hasStandardizedTarget(record);
    const moving = walkFigures(texts, {
      walk,
      history,
      curve,
      plane: plane && (await walkPlane(language, plane)),
      loss: lossName(texts, standardized),
      target: standardized ? texts.training.standardizedTarget : texts.training.target,
    });
    blocks.push(...moving.figures);
    scrubber = moving.scrubber;
  } else if (curve) blocks.push(curve);
  const estimated = weightFigure(texts, record, dataset);
  if (blocks.length === 0 && estimated) blocks.push(estimated);
  blocks.push(resultTable(language, record, dataset));
  const layers = layersTable(texts, await describedModel(run));
  // Those of a table are beside its predictions.
  const isShown = record.dataset.columns !== undefined && (await run.predictions()) !== undefined;
  const weights = isShown ? undefined : weightTable(texts, record, dataset);
  for (const table of [weights, layers]) if (table) blocks.push(table);
  const notice = noticeOf(texts, record);
  return {
    id: "training",
    title: claimOfTraining(texts, record, history, dataset),
    name: texts.training.name,
    ...(notice !== undefined && { notice }),
    text: lengthText(texts, record, await titleOfRun(texts, run)),
    ...(scrubber && { scrubber }),
    blocks,
  };
}

/** The losses of a run against its steps; undefined if fewer than two were logged. */
function curveOf(
  texts: Texts,
  run: Run,
  history: readonly HistoryRow[],
  dataset: Dataset | undefined,
): LineFigure | undefined {
  if (history.length < 2) return undefined;
  const curve = trainingCurve(texts, [run], [[...history]], [texts.training.loss], dataset);
  return { ...curve, series: [...curve.series, ...validationSeries(texts, run.record)] };
}

/** A sentence on the model and the length of its training. */
function lengthText(
  texts: Texts,
  { parameters, options, result, dataset }: RunRecord,
  title: string,
): string {
  if (options.optimizer === "closed-form") return texts.training.noCurve(title);
  if (options.epochs === 0) return texts.training.noEpochs(title, parameters);
  const epochs =
    result && result.epochs < options.epochs
      ? texts.training.epochsOf(result.epochs, options.epochs)
      : texts.training.epochs(options.epochs);
  const rows =
    options.optimizer === "gradient-descent"
      ? texts.training.stepsOfAll
      : options.batchSize < dataset.rows
        ? texts.training.stepsOfBatches(options.batchSize)
        : texts.training.stepsOfRows;
  return texts.training.length(title, parameters, epochs, result !== undefined, rows);
}

function noticeOf(texts: Texts, record: RunRecord): string | undefined {
  switch (record.status) {
    case "done":
      return undefined;
    case "running":
      return texts.training.isRunning;
    case "stopped":
      return texts.training.wasStopped;
    case "diverged":
      return texts.training.hasDiverged;
  }
}

/** The losses of the validation rows, each at the step after which it was measured. */
function validationSeries(texts: Texts, { result }: RunRecord): LineFigure["series"] {
  if (!result?.validation || result.epochs === 0) return [];
  const { losses } = result.validation;
  const steps = result.steps / result.epochs;
  return [
    {
      name: texts.training.validationRows,
      role: losses.length > 1 ? "line" : "points",
      lowest: true,
      x: losses.map((_, epoch) => Math.round(steps * (epoch + 1))),
      // A loss that was not finite is recorded as the largest number.
      y: losses.map((loss) => (loss === Number.MAX_VALUE ? NaN : loss)),
    },
  ];
}

export function lossText(texts: Texts, loss: number | null): string | number {
  return loss ?? texts.training.notFinite;
}

function resultTable(
  { texts, seconds }: Language,
  record: RunRecord,
  dataset: Dataset | undefined,
): FactTable {
  const { result } = record;
  const loss = lossName(texts, hasStandardizedTarget(record));
  const rows: FactTable["rows"] = [[texts.training.status, texts.training.statuses[record.status]]];
  if (result) {
    rows.push(
      [texts.training.finalLoss(loss), lossText(texts, result.loss)],
      [texts.training.steps, result.steps],
      [texts.training.epochsDone, result.epochs],
      [texts.training.rowsSeen, result.rows],
      [texts.training.time, seconds(result.seconds)],
      [texts.training.throughput, texts.training.rowsPerSecond(result.rowsPerSecond)],
      [texts.training.waited, texts.training.ofTheTime(result.waitedForData)],
    );
    const { validation } = result;
    if (validation) {
      rows.push(
        [texts.training.leastValidation(loss), validation.loss],
        [texts.training.afterEpoch, validation.epoch],
        [texts.training.rowsOfValidation, validation.rows],
      );
      if (validation.stoppedEarly) {
        rows.push([texts.training.ended, texts.training.endedEarly]);
      }
    }
    rows.push(...weightErrors(texts, record, dataset));
  }
  return {
    kind: "table",
    id: "result",
    title: texts.training.result,
    columns: [texts.training.quantity, texts.training.value],
    rows,
  };
}

function settingsSection(language: Language, record: RunRecord): ReportSection {
  const { texts } = language;
  return {
    id: "settings",
    title: texts.settings.ofTraining,
    blocks: [
      {
        kind: "table",
        id: "training-settings",
        title: texts.settings.title,
        columns: [texts.settings.setting, texts.settings.value],
        rows: settingsOfRun(language, record),
      },
    ],
    command: record.command,
  };
}
