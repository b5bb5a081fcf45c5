import path from "node:path";
import type { Language, Texts } from "../../language/index.js";
import type { PredictionSample, Run, RunRecord } from "../../train/index.js";
import type { FactTable, LineFigure, ReportSection } from "../figures/figure.js";
import { linearModel } from "./weights.js";

/** The most weights that are listed, and the most that are shown without being unfolded. */
const LISTED = 100;
const SHOWN = 20;

/** How well the trained model predicts, measured on validation rows or on a sample of the training rows. */
interface Quality {
  rSquared: number | null;
  /** In the target's own units. */
  meanAbsoluteError: number | null;
  rootMeanSquare: number;
  rows: number;
  /** The epoch after which validation rows were measured. */
  epoch: number | undefined;
}

/**
 * The predictions of a run against their targets, their quality, and the weights of a linear model in the units of
 * the table; undefined for a run without a sample of predictions.
 */
export async function sectionOfPredictions(
  { texts }: Language,
  run: Run,
): Promise<ReportSection | undefined> {
  const sample = await run.predictions();
  if (sample === undefined || sample.target.length === 0) return undefined;
  const { record } = run;
  const target = record.dataset.columns?.target ?? "y";
  const quality = qualityOf(record, sample);
  const weights = tableOfWeights(texts, record, target);
  return {
    id: "predictions-of-run",
    title: claimOf(texts, quality, target),
    name: texts.predictions.name,
    ...(weights !== undefined && weights.rows.length <= SHOWN + 1 && { open: true }),
    blocks: [
      figureOf(texts, run, sample, target),
      tableOfQuality(texts, quality, target),
      ...(weights === undefined ? [] : [weights]),
    ],
  };
}

function qualityOf(record: RunRecord, sample: PredictionSample): Quality {
  const validation = record.result?.validation;
  if (validation === undefined) return qualityOfSample(sample);
  // With patience the weights are those of the best epoch, else of the last.
  const isBest = record.options.patience !== null;
  const epoch = isBest ? validation.epoch : validation.losses.length;
  const measure = validation.measures[epoch - 1] ?? validation;
  const scale = record.standardize?.target?.scale ?? 1;
  const { rSquared, meanAbsoluteError } = measure;
  const rootMeanSquare = Math.sqrt(measure.loss) * scale;
  return { rSquared, meanAbsoluteError, rootMeanSquare, rows: validation.rows, epoch };
}

function qualityOfSample({ target, prediction }: PredictionSample): Quality {
  const rows = target.length;
  const mean = target.reduce((sum, value) => sum + value / rows, 0);
  const deviations = target.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const errors = target.map((value, row) => prediction[row]! - value);
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  return {
    rSquared: deviations > 0 ? 1 - squares / deviations : null,
    meanAbsoluteError: errors.reduce((sum, error) => sum + Math.abs(error), 0) / rows,
    rootMeanSquare: Math.sqrt(squares / rows),
    rows,
    epoch: undefined,
  };
}

function claimOf(texts: Texts, { rSquared, epoch }: Quality, target: string): string {
  const isUnseen = epoch !== undefined;
  if (rSquared === null) return texts.predictions.constant(target);
  if (rSquared < 0) return texts.predictions.worseThanMean(target, isUnseen);
  // Rounded down: what is not all is not 100 %.
  return texts.predictions.explains(Math.floor(rSquared * 1000) / 1000, target, isUnseen);
}

function figureOf(
  texts: Texts,
  { dir, record }: Run,
  { target: targets, prediction }: PredictionSample,
  target: string,
): LineFigure {
  const { validation } = record.result ?? {};
  const isUnseen = validation !== undefined;
  const rows = validation?.rows ?? record.dataset.rows;
  const all = [...targets, ...prediction].filter(Number.isFinite);
  const low = all.reduce((least, value) => Math.min(least, value), Infinity);
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  const margin = 0.04 * (high - low) || 1;
  const range: [number, number] = [low - margin, high + margin];
  return {
    kind: "lines",
    id: "prediction-against-target",
    title: texts.training.predictionTitle,
    caption: texts.predictions.caption(targets.length, rows, isUnseen),
    x: { title: texts.predictions.targetAxis(target), symbol: target, range },
    y: {
      title: texts.predictions.predictionAxis(target),
      symbol: texts.training.prediction,
      range,
    },
    series: [
      {
        name: isUnseen ? texts.predictions.validationRows : texts.predictions.trainingRows,
        role: "cloud",
        x: targets,
        y: prediction,
      },
      {
        name: texts.training.predictionIsTarget,
        role: "reference",
        x: range,
        y: range,
      },
    ],
    data: [{ file: path.join(dir, "predictions.parquet"), what: texts.predictions.file }],
  };
}

function tableOfQuality(texts: Texts, quality: Quality, target: string): FactTable {
  const { rSquared, meanAbsoluteError, rootMeanSquare, rows, epoch } = quality;
  return {
    kind: "table",
    id: "quality",
    title: texts.predictions.quality,
    columns: [texts.predictions.quantity, texts.predictions.value],
    rows: [
      ["R²", rSquared ?? "–"],
      [texts.predictions.absoluteError(target), meanAbsoluteError ?? "–"],
      [texts.predictions.squareError(target), rootMeanSquare],
      [
        texts.predictions.rowsMeasured,
        epoch === undefined
          ? texts.predictions.ofSample(rows)
          : texts.predictions.ofValidation(rows, epoch),
      ],
    ],
  };
}

/** The weights of a linear model of a table in the table's units, by the names of its columns. */
function tableOfWeights(texts: Texts, record: RunRecord, target: string): FactTable | undefined {
  const { columns } = record.dataset;
  const model = linearModel(record);
  if (columns === undefined || model === undefined) return undefined;
  const { weights, bias } = model;
  const scales = record.standardize?.features;
  const rows = weights
    .slice(0, LISTED)
    .map((weight, column): (string | number)[] => [
      columns.features[column] ?? `x${column}`,
      weight,
      ...(scales === undefined ? [] : [weight * scales[column]!.scale]),
    ]);
  if (bias !== undefined) {
    rows.push([texts.training.bias, bias, ...(scales === undefined ? [] : [""])]);
  }
  const captions = [
    texts.predictions.weightsCaption(target, bias !== undefined),
    ...(scales === undefined ? [] : [texts.predictions.effectCaption]),
    ...(weights.length > LISTED ? [texts.training.firstWeights(LISTED, weights.length)] : []),
  ];
  return {
    kind: "table",
    id: "weights-of-table",
    title: texts.predictions.weights,
    caption: captions.join(" "),
    columns: [
      texts.training.feature,
      texts.predictions.weight,
      ...(scales === undefined ? [] : [texts.predictions.effect]),
    ],
    rows,
  };
}
