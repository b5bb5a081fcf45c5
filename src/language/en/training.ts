import { capital, counted, number, percent, rounded } from "./words.js";

const GROWS =
  "where a step overshoots the minimum by more than its distance, the next step is larger still, until the loss is no longer a finite number";
const SCATTERS = "batches differ, and so do their losses";

/** A training: its curve, its results, the walk of its weights. */
export const training = {
  optimizers: {
    sgd: "SGD",
    momentum: "SGD with momentum",
    nesterov: "SGD with Nesterov’s momentum",
    rmsprop: "RMSProp",
    adam: "Adam",
    "gradient-descent": "gradient descent",
    "closed-form": "the closed form",
  },
  statuses: { done: "done", running: "running", stopped: "stopped", diverged: "diverged" },
  givenModel: (name: string, weights: number) => `model “${name}”, ${counted(weights, "weight")}`,
  linearModel: (widths: string) => `linear model ${widths}`,
  mlp: (widths: string) => `MLP ${widths}`,
  bias: "bias",
  biases: "biases",
  title: (model: string, optimizer: string) => `${model} by ${optimizer}`,
  name: "The training",
  noCurve: (title: string) =>
    `${capital(title)}: the weights are computed in one pass over the data, so there is no training curve.`,
  noEpochs: (title: string, weights: number) =>
    `${capital(title)}: ${counted(weights, "weight")}, initial: no epochs were requested.`,
  length: (title: string, weights: number, epochs: string, isTrained: boolean, rows: string) =>
    `${capital(title)}: ${counted(weights, "weight")}, ${isTrained ? "trained for" : "to be trained for"} ${epochs}${rows}`,
  epochs: (count: number) => counted(count, "epoch"),
  epochsOf: (count: number, planned: number) => `${number(count)} of ${counted(planned, "epoch")}`,
  stepsOfAll: ", each one step along the gradient of all rows.",
  stepsOfRows: ", each one step on all rows.",
  stepsOfBatches: (rows: number) => ` in batches of ${number(rows)} rows.`,
  isRunning: "This run has not ended: it is still running, or it was killed.",
  wasStopped: "This run was stopped before its end.",
  hasDiverged:
    "This run diverged: its loss or a weight is no longer a finite number. A smaller learning rate may help.",
  loss: "loss",
  lossName: "mean squared error",
  standardizedLossName: "mean squared error of the standardised target",
  lossOfBatch: (name: string) => `loss (${name}, of the step’s batch)`,
  lossOfAll: (name: string) => `loss (${name}, of all rows)`,
  againstStep: "Loss against step",
  againstTime: "Loss against time",
  runByRun: (title: string) => `${title}, run by run`,
  stepAxis: "step (one update of the weights)",
  step: "step",
  timeAxis: "time since the first logged step (s)",
  time: "time",
  floor: (variance: number) => `variance of the noise, ${number(variance)}`,
  validationRows: "validation rows, after each epoch",
  historyFile: (name: string) => `every logged step of ${name}`,
  captionFalls: (hasFloor: boolean, scatters: boolean) =>
    `How fast does the loss fall${hasFloor ? ", and does it reach the variance of the noise (dashed)" : ""}?${scatters ? " Batches differ, and so do their losses." : ""}`,
  captionGrows: (hasFloor: boolean) =>
    `Look for where the loss begins to grow${hasFloor ? ", away from the variance of the noise (dashed)" : ""}: ${GROWS}.`,
  captionAllGrow: `Look for which run’s loss grows fastest: ${GROWS}.`,
  captionRuns: (scatters: boolean) =>
    `Look for which run falls fastest and which ends lowest${scatters ? `; ${SCATTERS}` : ""}.`,
  captionTime:
    "Which run reaches a loss first? Many cheap steps can be ahead of few expensive ones; the time counts from the first step.",
  mixedUnits: (runs: readonly string[]) =>
    `The losses of ${runs.join(", ")} are those of the standardised target and cannot be compared with the others.`,
  leaves: (runs: readonly string[]) =>
    runs.length === 1
      ? `The loss of ${runs[0]} grows without end and leaves the figure at its top.`
      : `The losses of ${runs.join(", ")} grow without end and leave the figure at its top.`,
  result: "Result",
  quantity: "quantity",
  value: "value",
  status: "status",
  finalLoss: (name: string) => `final loss (${name})`,
  notFinite: "not finite",
  steps: "steps",
  epochsDone: "epochs",
  rowsSeen: "rows seen",
  throughput: "throughput",
  rowsPerSecond: (rate: number) => `${rounded(rate)} rows/s`,
  waited: "waited for data",
  ofTheTime: (share: number) => `${percent(share)} of the time`,
  leastValidation: (name: string) => `least loss of the validation rows (${name})`,
  afterEpoch: "measured after epoch",
  rowsOfValidation: "validation rows",
  ended: "ended",
  endedEarly: "early, since it no longer fell",
  largestError: "largest error of a weight",
  errorOfWeights: "root mean square error of the weights",
  weightsTitle: "Trained weights",
  againstTruth: "Trained weights against the true ones",
  againstTruthCaption:
    "Look for the distance of the points from the dashed line, on which a weight is found exactly: it is the error that the noise leaves.",
  trueWeight: "true weight",
  trainedWeight: "trained weight",
  true: "true",
  trained: "trained",
  difference: "difference",
  feature: "feature",
  weights: "weights",
  trainedIsTrue: "trained = true",
  ownUnits: "In the units of the table; the training saw standardised values.",
  firstWeights: (count: number, all: number) =>
    `The first ${number(count)} of ${number(all)} weights.`,
  sliceTitle: "Slice through the ball",
  sliceCaption: (share: number) =>
    `The surface cut along its first direction (${percent(share)} of the path), through the ball.`,
  sliceSeries: "loss along α, at the ball’s β",
  distanceTitle: "Distance to the end",
  distanceCaption:
    "A straight line would be a walk at constant speed; where it is flat, the weights hardly move.",
  distance: "distance",
  distanceAxis: "distance to the last weights",
  distanceReadout: "distance to the end",
  predictionTitle: "Prediction against target",
  predictionCaption: (rows: number) =>
    `${number(rows)} rows at this step. On the dashed line, predictions are right.`,
  target: "target",
  standardizedTarget: "standardised target",
  prediction: "prediction",
  rows: "rows",
  predictionIsTarget: "prediction = target",
  layers: "Layers of the model",
  firstLayers: (count: number, all: number) =>
    `The first ${number(count)} of ${number(all)} layers.`,
  layerColumns: ["layer", "kind", "size", "activation", "bias"],
  units: (count: number) => counted(count, "unit"),
  filters: (count: number) => counted(count, "filter"),
  rate: (rate: number) => `rate ${number(rate)}`,
  numbersPerRow: (sizes: readonly number[]) =>
    `${sizes.map((one) => number(one)).join(" × ")} numbers per row`,
  results: "Results",
  resultsCaption: (loss: string) =>
    `The loss is the ${loss}. Time and rows/s are those of the complete training, with the start of threads and kernels.`,
  mixedLossName: "mean squared error of the target in the column beside it",
  run: "run",
  dataset: "dataset",
  model: "model",
  optimizer: "optimizer",
  learningRate: "learning rate",
  finalLossColumn: "final loss",
  lossOf: "loss of",
  theTarget: "the target",
  theStandardizedTarget: "the standardised target",
  rowsPerSecondColumn: "rows/s",
  secondsColumn: "time (s)",
  differing: "Settings that differ",
  noneDiffer: "The runs have the same settings.",
  othersSame: (count: number) => `${number(count)} other settings are the same for all.`,
  setting: "setting",
  yes: "yes",
  no: "no",
};
