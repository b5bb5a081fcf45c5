import type { Texts } from "../../language/index.js";
import type { Dataset } from "../../stream/index.js";
import type { RunRecord } from "../../train/index.js";
import type { FactTable, LineFigure } from "../figures/figure.js";

/** The most weights that are listed. */
const listedWeights = 100;

/** A trained linear model in the units of the table. */
export interface LinearModel {
  weights: number[];
  bias: number | undefined;
}

/**
 * The weights of a linear run in the units of the table. For standardised rows
 * (ŷ − m)/s = Σ wᵢ·(xᵢ − mᵢ)/sᵢ + b, so the weights are wᵢ·s/sᵢ.
 */
export function linearModel({ result, standardize }: RunRecord): LinearModel | undefined {
  const weights = result?.weights;
  if (!weights) return undefined;
  if (!standardize) return { weights, bias: result.bias };
  const { features, target } = standardize;
  const { mean, scale } = target ?? { mean: 0, scale: 1 };
  const own = weights.map((weight, index) => (weight * scale) / (features[index]?.scale ?? NaN));
  const moved = own.reduce(
    (sum, weight, index) => sum + weight * (features[index]?.mean ?? NaN),
    0,
  );
  return { weights: own, bias: (result.bias ?? 0) * scale + mean - moved };
}

function trueWeights(record: RunRecord, dataset: Dataset | undefined): number[] | undefined {
  if (dataset?.manifest.kind !== "lsm" || record.layers.length !== 2) return undefined;
  return dataset.manifest.truth.w;
}

/** The errors of a linear model's weights, if the true ones are known. */
export function weightErrors(
  texts: Texts,
  record: RunRecord,
  dataset: Dataset | undefined,
): FactTable["rows"] {
  const truth = trueWeights(record, dataset);
  const trained = linearModel(record);
  if (!truth || !trained) return [];
  const errors = trained.weights.map((weight, index) => weight - (truth[index] ?? NaN));
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  return [
    [
      texts.training.largestError,
      errors.reduce((most, error) => Math.max(most, Math.abs(error)), 0),
    ],
    [texts.training.errorOfWeights, Math.sqrt(squares / errors.length)],
  ];
}

/** The weights of a linear model over the true ones; undefined if these are not known. */
export function weightFigure(
  texts: Texts,
  record: RunRecord,
  dataset: Dataset | undefined,
): LineFigure | undefined {
  const truth = trueWeights(record, dataset);
  const trained = linearModel(record);
  if (!truth || !trained) return undefined;
  const ends = [Math.min(...truth), Math.max(...truth)];
  return {
    kind: "lines",
    id: "weights-against-truth",
    title: texts.training.againstTruth,
    caption: texts.training.againstTruthCaption,
    x: { title: texts.training.trueWeight, symbol: texts.training.true },
    y: { title: texts.training.trainedWeight, symbol: texts.training.trained },
    series: [
      { name: texts.training.weights, role: "points", x: truth, y: trained.weights },
      { name: texts.training.trainedIsTrue, role: "reference", x: ends, y: ends },
    ],
  };
}

/** The weights of a linear model, beside the true ones if these are known. */
export function weightTable(
  texts: Texts,
  record: RunRecord,
  dataset: Dataset | undefined,
): FactTable | undefined {
  const trained = linearModel(record);
  if (!trained) return undefined;
  const { weights, bias } = trained;
  const truth = trueWeights(record, dataset);
  const rows = weights
    .slice(0, listedWeights)
    .map((weight, index): (string | number)[] => [
      (record.dataset.columns?.features ?? dataset?.featureNames)?.[index] ?? `x${index}`,
      ...(truth ? [truth[index] ?? NaN, weight, weight - (truth[index] ?? NaN)] : [weight]),
    ]);
  // The true model has no bias.
  if (bias !== undefined) rows.push([texts.training.bias, ...(truth ? [0, bias, bias] : [bias])]);
  const captions = [
    ...(record.standardize ? [texts.training.ownUnits] : []),
    ...(weights.length > listedWeights
      ? [texts.training.firstWeights(listedWeights, weights.length)]
      : []),
  ];
  return {
    kind: "table",
    id: "weights",
    title: truth ? texts.training.againstTruth : texts.training.weightsTitle,
    ...(captions.length > 0 && { caption: captions.join(" ") }),
    columns: truth
      ? [
          texts.training.feature,
          texts.training.true,
          texts.training.trained,
          texts.training.difference,
        ]
      : [texts.training.feature, texts.training.trained],
    rows,
  };
}
