import type { Texts } from "../../../language/index.js";
import type { RunRecord } from "../../../train/index.js";
import type { FactTable } from "../../figures/figure.js";
import { linearModel } from "../weights.js";

/** The most weights that are listed. */
const LISTED = 100;

/** The weights of a linear model of a table in the table's units, by the names of its columns. */
export function tableOfWeights(
  texts: Texts,
  record: RunRecord,
  target: string,
): FactTable | undefined {
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
