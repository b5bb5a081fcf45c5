import { plural } from "../../common/text/plurals.js";
import { counted, list, number } from "./words.js";

/** The experiments' own sections and figures; those of runs and slices are in their groups. */
export const experiments = {
  theData: "The data",
  theTraining: "The training",
  theSlice: "The slice",
  theSlices: "The slices",
  theOptimum: "The optimum",
  settingsOf: "Settings of the experiment",
  theExperiment: "The experiment",
  settings: "Settings",
  value: "value",
  quick: (changes: readonly string[]) =>
    `This is the quick form of the experiment: ${list(changes)}.`,
  quickChange: (option: string, now: string, usual: string) =>
    `${now} ${option} instead of ${usual}`,
  demoTitle: "Two valleys: a convex loss and one that is not",
  demoText:
    "A linear model on a million rows and an MLP on data of two layers of sigmoids, both trained by SGD from disk, and the loss of single batches around the trained weights.",
  linearPart: "Linear data, linear model",
  sigmoidPart: "Two-layer-sigmoid data, MLP",

  linearData: "y = Xw + noise with X and w standard normal: the data of the convex problem.",
  target: "The target",
  targetIsNormal:
    "A sum of independent normals is normal. Its variance is |w|² plus the variance of the noise.",
  trueWeights: "True weights",
  sigmoidData: "Targets from two layers of sigmoids, each divided by its maximum over all rows.",
  targetRange: (least: number, largest: number) =>
    `Dividing by the largest value over all rows makes that value 1. The targets run from ${number(least)} to ${number(largest)}.`,
  targetReversed: (maximum: number, least: number, largest: number) =>
    `The largest value over all rows is negative, ${number(maximum)}: dividing by it reverses the order and makes that value 1, the smallest target. The targets run from ${number(least)} to ${number(largest)}.`,
  maxima: "The two maxima that the formula divides by",
  firstLayer: "first layer",
  secondLayer: "second layer",
  distribution: "Distribution of the target",
  distributionCaption: (mean: number, variance: number) =>
    `Look for where the targets lie. The best constant prediction is their mean, ${number(mean)}; its loss is their variance, ${number(variance)}.`,
  normalCaption:
    "Look for how well the counted rows agree with the normal density of the model; with fewer rows they scatter more.",
  targetAxis: "y, the target",
  densityAxis: "density (fraction of the rows for each unit of y)",
  density: "density",
  countedRows: "rows, counted",
  normalDensity: "normal density",

  closedForm: (ridge: number | undefined) =>
    `ŵ = (XᵀX${ridge === undefined ? "" : ` + ${number(ridge)}·I`})⁻¹Xᵀy from one streamed pass and a Cholesky factorisation.`,
  gradientDescent: "Full-batch steps with the gradient 2Xᵀ(ŷ − y)/N, streamed.",
  autograd:
    "A Linear D→1 by TensorFlow.js's automatic gradients, beside the same training with the gradient written out.",
  agreement: (difference: number) =>
    `Both trainings end at the same weights, up to ${number(difference, 2)}`,
  agreementText:
    "Both runs start from the same weights and take the same steps; only rounding differs.",
  agreementTable: "Largest difference between the two ŵ",
  automatically: "By automatic differentiation",
  writtenOut: "With the gradient written out",
  inBatches: (rows: number, batchSize: number, isShuffled: boolean) =>
    `${counted(rows, "row")} in batches of ${counted(batchSize, "row")}, ${isShuffled ? "reshuffled every epoch" : "in the order of the files"}.`,
  everyHundred: "Every hundredth epoch",
  everyHundredTitle: "Loss at every hundredth epoch",
  everyHundredCaption: (last: number, noise: number) =>
    `Look for the level to which the loss falls: it ends at ${number(last)}, and the variance of the noise, in the same units, is ${number(noise)}.`,
  epoch: "epoch",
  lossOfEpoch: (loss: string) => `loss of the epoch’s last logged batch (${loss})`,

  paraboloid: "z = x² + y² over [−10, 10]², the points above x + y = 0, and the cut as a curve.",
  surface: "The plane x + y = 0 cuts a curve out of the surface",
  surfaceName: "The surface",
  surfaceText:
    "A loss with two weights is a surface over the plane of the weights. An upright plane cuts a curve out of it: a slice.",
  surfaceTitle: "z = x² + y² and its points on the plane x + y = 0",
  surfaceCaption:
    "Look at where the upright plane x + y = 0 cuts the surface: its points go down to the valley’s floor and up again.",
  pointsOnPlane: "points with x + y = 0",
  plane: "plane x + y = 0",
  cut: "The cut is the parabola z = 2x²",
  cutName: "The cut",
  cutText: "Along x + y = 0 the surface is the curve z = 2x².",
  cutCaption: "Look at the parabola: a slice through a bowl is a bowl.",
  cutAxis: "x, with y = −x",
  gridSetting: "x and y",
  gridOf: (range: number, points: number) =>
    `−${number(range)} … ${number(range)} in ${number(points)} points each`,
  planeOfCut: "plane of the cut",
  lowestOfCut: "lowest point of the cut",
  function: "function",
  pointsFile: "the points and their heights",
  walk: "From (−10, −10) to (10, 10) in 100 equal steps, the height against the step.",
  walkTitle: (step: number) => `The walk is lowest at step ${number(step)}`,
  walkName: "The walk",
  walkText:
    "A straight walk across the bowl draws a parabola, with the step's number in place of a coordinate. It stops one step before its end.",
  walkFigure: "Height against the step's number",
  walkCaption: "Look for the lowest point half-way: the walk goes through the minimum.",
  walkAxis: "step from (−10, −10) towards (10, 10), of 100",
  step: "step",
  heightAxis: "height z = x² + y²",
  height: "height",
  start: "start",
  end: "end",
  steps: "steps",
  eachStep: "each step",
  lowestPoint: "lowest point",
  lowestAt: (height: number, step: number) => `z = ${number(height)} at step ${number(step)}`,

  sliceRandom: (scale: string) =>
    `The loss on the line between two random points w ~ ${scale}·N(0,1), with no reason to pass near an optimum.`,
  sliceOptimum: (scale: string) =>
    `The loss along ŵ ± ${scale}·N(0,1) around the least-squares optimum: a bowl.`,
  overlaid: (scale: string) => `Trained weights ± ${scale}·N(0,1), a curve for each batch.`,
  overlaidAuto:
    "Trained weights along a random direction, as far as the loss is tenfold, a curve for each batch.",
  overlaidAlong: (along: string) => `Slices along ${along}, a curve for each batch.`,
  mlpTraining: (model: string, optimizer: string, epochs: number, batchSize: number) =>
    `The model ${model}, trained by ${optimizer} for ${counted(epochs, "epoch")} in batches of ${counted(batchSize, "row")}.`,
  zoomName: "The zoom and the wide view",
  zoomText: "The wide view shows the same direction; the range of the zoom is marked in it.",
  zoom: "The zoom",
  wide: "The wide view",
  wideCaption:
    "Look for the mark: what is one curved valley here may be a straight slope or a flat floor within it.",
  zoomRange: (width: number) => `range of the zoom, ${number(width)} wide`,
  zoomSettings: "Settings of the zoom",
  wideNumbers: "The wide view in numbers",
  wideSettings: "Settings of the wide view",

  hundredMillion: (rows: number, epochs: number) =>
    `Generate ${counted(rows, "row")}, train ${counted(epochs, "epoch")} on them and slice the loss, in bounded memory.`,
  optimisers:
    "The linear model on the LSM data and the MLP on the two-layer-sigmoid data, from the same start.",
  linearModel: "The linear model",
  mlpModel: "The MLP",
  warmUp: "An epoch of training before the first run is not shown.",
  adaptive: (distances: readonly string[]) =>
    `The steps of RMSProp and Adam hardly depend on the gradient's size: ${distances.join("; ")}.`,
  distance: (steps: number, isAtMost: boolean, rate: number, optimizer: string, distance: number) =>
    `in ${distance < 1 ? "only " : ""}${number(steps)} ${plural(steps, "step")} of learning rate${isAtMost ? " at most" : ""} ${number(rate)}, ${optimizer} moves a weight by about ${number(distance, 2)} or less`,

  device: (epochs: number) =>
    `${counted(epochs, "epoch")} of the linear model and of the MLP, on each backend that is available.`,
  onGpu: (gpus: readonly string[]) => `On a GPU: ${list(gpus)}.`,
  noGpu: "There was no GPU: nothing here says how fast one would be.",
  automatic: (backend: string, reason: string) => `--backend auto takes ${backend}: ${reason}.`,
  theBackends: "The backends",
  fastest: (model: string, backend: string, rate: string) =>
    `${model}: ${backend} is fastest, at ${rate} rows/s`,
  notRun: "What was not run",
  notStarted: "Backends that did not start",
  backendsTable: "Loss and time on each backend",
  backendsCaption:
    "All take the same steps from the same weights; the losses differ by float32 rounding and its effects. The seconds are those of the complete training, with the start of threads, kernels and the loader.",
  backend: "backend",
  why: "why",
  command: "command",
  deviceColumn: "device",
  seconds: "seconds",
  rowsPerSecond: "rows/s",
  waited: "waited for data",
  lossByTime: "Loss against time",
  lossByTimeCaption:
    "Look for which backend finishes first: all take the same steps, so the curves are the same up to rounding and differ in speed. The time is counted from the first step.",
};
