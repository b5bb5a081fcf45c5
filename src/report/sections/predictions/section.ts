import path from "node:path";
import type { Language, Texts } from "../../../language/index.js";
import type { PredictionSample, Run } from "../../../train/index.js";
import type { FactTable, LineFigure, ReportSection } from "../../figures/figure.js";
import { qualityOf, type Quality } from "./quality.js";
import { tableOfWeights } from "./table-of-weights.js";

/** The most weights that are shown without being unfolded. */
const SHOWN = 20;

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
