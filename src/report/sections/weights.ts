import type { Dataset } from "../../stream/index.js";
import type { RunRecord } from "../../train/index.js";
import type { FactTable, LineFigure } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";

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
export function weightErrors(record: RunRecord, dataset: Dataset | undefined): FactTable["rows"] {
  const truth = trueWeights(record, dataset);
  const trained = linearModel(record);
  if (!truth || !trained) return [];
  const errors = trained.weights.map((weight, index) => weight - (truth[index] ?? NaN));
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  return [
    [
      "largest error of a weight",
      errors.reduce((most, error) => Math.max(most, Math.abs(error)), 0),
    ],
    ["root mean square error of the weights", Math.sqrt(squares / errors.length)],
  ];
}

/** The weights of a linear model over the true ones; undefined if these are not known. */
export function weightFigure(
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
    title: "Trained weights against the true ones",
    caption:
      "Look for the distance of the points from the dashed line, on which a weight is found exactly: it is the error that the noise leaves.",
    x: { title: "true weight", symbol: "true" },
    y: { title: "trained weight", symbol: "trained" },
    series: [
      { name: "weights", role: "points", x: truth, y: trained.weights },
      { name: "trained = true", role: "reference", x: ends, y: ends },
    ],
  };
}

/** The weights of a linear model, beside the true ones if these are known. */
export function weightTable(
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
      dataset?.featureNames[index] ?? `x${index}`,
      ...(truth ? [truth[index] ?? NaN, weight, weight - (truth[index] ?? NaN)] : [weight]),
    ]);
  // The true model has no bias.
  if (bias !== undefined) rows.push(["bias", ...(truth ? [0, bias, bias] : [bias])]);
  const captions = [
    ...(record.standardize
      ? ["In the units of the table; the training saw standardised values."]
      : []),
    ...(weights.length > listedWeights
      ? [`The first ${listedWeights} of ${formatNumber(weights.length)} weights.`]
      : []),
  ];
  return {
    kind: "table",
    id: "weights",
    title: truth ? "Trained weights against the true ones" : "Trained weights",
    ...(captions.length > 0 && { caption: captions.join(" ") }),
    columns: truth ? ["feature", "true", "trained", "difference"] : ["feature", "trained"],
    rows,
  };
}
