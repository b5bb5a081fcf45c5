import { counted, number, percent } from "./words.js";

/** How well the trained model predicts its target. */
export const predictions = {
  name: "The predictions",
  explains: (share: number, target: string, isUnseen: boolean) =>
    `The model explains ${percent(share)} of the variance of ${target} in ${isUnseen ? "rows that it was not trained on" : "rows that it was trained on"}`,
  worseThanMean: (target: string, isUnseen: boolean) =>
    `The mean of ${target} would predict ${isUnseen ? "rows that the model has not seen" : "its rows"} better than the model`,
  constant: (target: string) => `All values of ${target} are the same`,
  caption: (drawn: number, rows: number, isUnseen: boolean) => {
    const all = counted(
      rows,
      isUnseen ? "validation row" : "training row",
      isUnseen ? "validation rows" : "training rows",
    );
    return `How far are the points from the dashed line, on which a prediction is right? Drawn: ${drawn < rows ? `${number(drawn)} of ` : ""}${all}.`;
  },
  targetAxis: (target: string) => `${target} (target)`,
  predictionAxis: (target: string) => `predicted ${target}`,
  validationRows: "validation rows",
  trainingRows: "training rows",
  file: "the targets and predictions that are drawn",
  quality: "Quality of the predictions",
  quantity: "quantity",
  value: "value",
  absoluteError: (target: string) => `mean absolute error, in units of ${target}`,
  squareError: (target: string) => `root mean squared error, in units of ${target}`,
  rowsMeasured: "measured on",
  ofValidation: (rows: number, epoch: number) =>
    `${counted(rows, "validation row")}, after epoch ${number(epoch)}`,
  ofSample: (rows: number) => `${counted(rows, "row")} that the model was trained on`,
  weights: "Weights in the table’s own units",
  weightsCaption: (target: string, hasBias: boolean) =>
    `${target} ≈ Σ weight · feature${hasBias ? " + bias" : ""}.`,
  effectCaption:
    "The last column is by how much the prediction changes when the feature grows by one standard deviation.",
  weight: "weight",
  effect: "weight × standard deviation",
};
