import { counted, number, percent } from "./words.js";

/** The eigenvalues of the loss's Hessian. */
export const curvature = {
  name: "Curvature",
  notConvex: (eigenvalue: string) =>
    `The loss is not convex: the least eigenvalue of its Hessian is ${eigenvalue}`,
  noneNegative: (eigenvalue: string) =>
    `No negative eigenvalue of the loss’s Hessian was found: the least is ${eigenvalue}`,
  unknown: (eigenvalue: string) =>
    `The least eigenvalue of the loss’s Hessian cannot be distinguished from 0: ${eigenvalue}`,
  ofGaussNewton: (largest: string) =>
    `The Gauss–Newton part of the Hessian, which is never negative, has the largest eigenvalue ${largest}`,
  ofResiduals: (least: string, largest: string) =>
    `The residual part of the Hessian, from which all negative curvature comes, has eigenvalues from ${least} to ${largest}`,
  text: (rows: number, products: number, isMatrix: boolean) =>
    `The eigenvalues are those of the Hessian of the mean squared error over ${counted(rows, "row")}, by the Lanczos iteration in ${counted(products, "product")} with vectors, in float64${isMatrix ? ", from the whole matrix" : ""}. For an approximate eigenvalue λ and its unit vector v, an eigenvalue of the Hessian lies within the residual ‖Hv − λv‖ of λ. The trace is ${isMatrix ? "the sum of the matrix’s diagonal" : "Hutchinson’s estimate with its standard error"}; the density and the negative eigenvalues are estimated by stochastic Lanczos quadrature. ReLU has kinks, at which there is no Hessian: this is the Hessian of the smooth piece in which the weights lie.`,
  rows: "rows",
  parameters: "parameters",
  trace: "trace",
  negativeCount: "negative eigenvalues",
  negativeSum: "their sum",
  products: "Hessian–vector products",
  passes: "passes over the rows",
  value: "value",
  spectrumTable: "The spectrum",
  pairsTable: "The eigenvalues at both ends",
  end: "end",
  place: "place",
  least: "least",
  largest: "largest",
  eigenvalue: "eigenvalue",
  residual: "residual",
  converged: "converged",
  yes: "yes",
  no: "no: there may be others beyond it",
  leastTitle: "The least eigenvalues",
  largestTitle: "The largest eigenvalues",
  placeAxis: "rank, counted from the end of the spectrum",
  endsCaption: "Look at how far each eigenvalue lies from 0 and from the next.",
  zero: "0",

  densityTitle: "The density of the Hessian’s eigenvalues",
  densityCaption:
    "Look left of 0, where all of the negative curvature is, and at how few eigenvalues lie far to the right: the axis of the density is logarithmic.",
  eigenvalueAxis: "eigenvalue λ",
  densityAxis: "density of the eigenvalues",
  density: "density",
  densityBand: "± its standard deviation over the random vectors",
  negative: "negative",
  densityFile: "the density of the eigenvalues",
  eigenpairsFile: "the eigenvalues at both ends",

  kinksTable: "What the kinks add to the second difference of the loss",
  eigenvector: "eigenvector",
  radius: "radius r",
  switches: "(row, unit) pairs that switch",
  secondDifference: "second difference",
  fromKinks: "of which from kinks",
  ofLeast: "of the least eigenvalue",
  ofLargest: "of the largest eigenvalue",

  batchesTitle: (count: number, least: string, largest: string) =>
    `The Hessians of ${counted(count, "single batch", "single batches")} have least eigenvalues from ${least}, and largest ones up to ${largest}`,
  batchesName: "Single batches",
  batchesText:
    "The eigenvalues of each batch’s own Hessian are found in the same way. A single batch averages its residuals over fewer rows, so its Hessian has more negative curvature.",
  leastOfBatches: "The least eigenvalue of each batch’s Hessian",
  largestOfBatches: "The largest eigenvalue of each batch’s Hessian",
  batchesCaption: "Look at how the single batches scatter about the dashed line of all rows.",
  batch: "batch",
  batchAxis: "batch, in the order of the file",
  ofBatch: "of a batch",
  ofAll: "of all rows together",
  batchesFile: "the eigenvalues of each batch",

  pathName: "The edge of stability",
  withoutLimit: (from: number, to: number, steps: number) =>
    `The largest eigenvalue of the Hessian goes from ${number(from, 3)} to ${number(to, 3)} over ${counted(steps, "step")}`,
  staysBelow: (formula: string, ratio: number, step: number) =>
    `The largest eigenvalue of the Hessian stays below ${formula}: it is at most ${percent(ratio)} of it, at step ${number(step)}`,
  touches: (formula: string, ratio: number, step: number) =>
    `The largest eigenvalue of the Hessian is not above ${formula} by more than its residual: it is ${number(ratio, 4)} times it at step ${number(step)}`,
  crosses: (formula: string, limit: number, from: number, after: number, by: number) =>
    `The largest eigenvalue of the Hessian rises from ${number(from, 3)} above ${formula} = ${number(limit, 3)} between steps ${number(after)} and ${number(by)}`,
  isAbove: (formula: string, limit: number, by: number) =>
    `The largest eigenvalue of the Hessian is above ${formula} = ${number(limit, 3)} at step ${number(by)} already`,
  since: (least: number, largest: number) =>
    `, and is then ${number(least, 4)} to ${number(largest, 4)} times it`,
  pathText: (formula: string, snapshots: number) =>
    `On a parabola, a step of this optimiser overshoots, by more each time, where the curvature exceeds ${formula}, with the learning rate η of the step. During a training with all rows in each step the largest eigenvalue often rises to this limit and stays there, at the edge of stability (Cohen et al. 2021); the noise of smaller batches usually keeps it lower. Each of the ${number(snapshots)} snapshots of the training has an eigenvalue of its own, over the same rows, each with its residual. It counts as above the limit, or below it, where it is by more than the residual.`,
  pathTextWithoutLimit: (snapshots: number) =>
    `Each of the ${number(snapshots)} snapshots of the training has an eigenvalue of its own, over the same rows, each with its residual. The optimiser scales the steps of each weight on its own, so that no limit of stable steps depends on the eigenvalue alone.`,
  pathTitle: "The largest eigenvalue over the training",
  pathCaption: (formula: string) =>
    `Look at where the curve meets the dashed line: with an eigenvalue above ${formula}, steps along its eigenvector overshoot by more each time.`,
  pathCaptionAbove: (formula: string) =>
    `Look at how far the curve rises; ${formula} lies above the figure.`,
  pathCaptionWithoutLimit: "Look at how the largest eigenvalue changes during the training.",
  largestEigenvalue: "largest eigenvalue",
  step: "step",
  stepAxis: "steps taken",
  largestAxis: "largest eigenvalue λ of the Hessian",
  limit: (formula: string, value: string | undefined) =>
    value === undefined ? formula : `${formula} = ${value}`,
  firstAbove: (step: number) => `first snapshot above it, step ${number(step)}`,
  pathTable: "The largest eigenvalue over the training",
  atFirst: (step: number) => `at step ${number(step)}`,
  highest: (step: number) => `the highest, at step ${number(step)}`,
  snapshots: "snapshots",
  aboveIt: "snapshots above the limit",
  belowIt: "snapshots below it",
  undecided: "snapshots nearer to it than their residual",
  aboveSince: "of those from the first one above on",
  aboveOf: (above: number, all: number) => `${number(above)} of ${number(all)} above`,
  meanSince: "their mean over the limit",
  unconverged: "snapshots whose residual is larger than the tolerance",
  pathFile: "the largest eigenvalue at each snapshot",

  settings: "Settings of the curvature",
  setting: "setting",
  part: "part of the Hessian",
  batches: "batches",
  all: "all",
  batchSize: "batch size",
  vectors: "eigenvectors at each end",
  tolerance: "largest residual over the eigenvalue",
  seed: "seed of the random vectors",
  probes: "random vectors for trace and density",
  method: "method",
  run: "run",
  dataset: "dataset",
};
