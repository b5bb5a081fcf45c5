import { counted, number, percent, short } from "./words.js";

const BARRIER =
  "Look for the barrier: a convex loss could not rise between two points of equal loss.";

function eigenvalue(k: number): string {
  const from = Math.abs(k) === 1 ? "" : `number ${number(Math.abs(k))} from the `;
  return `${from}${k > 0 ? "least" : "largest"}`;
}

/** Slices and surfaces. What stands under `lines` is a line's name, its axis, what it is, and what to look for. */
export const landscape = {
  lineTitle: (line: string) => `Loss landscape ${line}`,
  slicesName: (line: string) => `Slices ${line}`,
  surfaceAroundPath: "Loss surface around the path of the training",
  surfaceOverFactors: "Loss surface over the factors of two layers",
  surfaceOverDirections: "Loss surface over two directions",
  lines: {
    points: "between two random points",
    model: "between two models",
    swap: "to the same network with two units exchanged",
    rescale: "to the same network, rescaled",
    gradient: "along the gradient",
    path: "along the path of the training",
    random: "along a random direction",
    curvature: (k: number) => `along the eigenvector of the ${eigenvalue(k)} eigenvalue`,
  },
  axes: {
    points: "α, position between the first random point (0) and the second (1)",
    model: "α, position between the run’s weights (0) and the other model’s (1)",
    swap: "α, position between the run’s weights (0) and those with two units exchanged (1)",
    rescale: "α, position between the run’s weights (0) and the rescaled ones (1)",
    gradient: "α, in multiples of the gradient (0: the run’s weights)",
    path: "α, in multiples of the path’s leading principal direction (0: the run’s weights)",
    random: "α, in multiples of the direction (0: the run’s weights)",
    curvature: "α, the distance from the run’s weights along the unit eigenvector",
  },
  about: {
    points: (scale: number) =>
      `The line runs from one random point of weight space to another. Each weight of both is drawn from ${number(scale)}·N(0, 1). There is no reason why it should pass near an optimum.`,
    model: () => "The line runs straight from the run’s weights to the other model’s.",
    swap: (layer: string, units: readonly string[]) =>
      `The line runs straight to the network in which units ${units.join(" and ")} of hidden layer ${layer} are exchanged. It makes the same predictions, so both ends have the same loss.`,
    rescale: () =>
      "The line runs straight to the network whose first layer is multiplied by 4 and whose next layer is divided by 4. It makes the same predictions, so both ends have the same loss. They are joined by a curve of equal loss, and not by the line.",
    gradient: (isFiltered: boolean) =>
      `The line passes through the run’s weights at α = 0, along the gradient of the loss of the selected batches${isFiltered ? ", scaled to the norm of the weights of each unit, without biases." : ": α = −η is a step of gradient descent with the learning rate η."}`,
    path: () =>
      "The line passes through the run’s weights at α = 0, in the direction in which the training moved most: the leading principal component of its snapshots.",
    random: (isFiltered: boolean) =>
      `The line passes through the run’s weights at α = 0, along one random direction. Each of its entries is drawn from N(0, 1)${isFiltered ? " and scaled to the norm of the weights of its unit, without biases" : ""}. At α all weights are moved by α times the direction.`,
    curvature: (k: number) =>
      `The line passes through the run’s weights at α = 0, along the unit eigenvector of the Hessian whose eigenvalue is the ${eigenvalue(k)}.`,
  },
  look: {
    points:
      "Look for where each batch is lowest (marked): at an end of the line there is no optimum within it.",
    model:
      "Look for a barrier between both ends: where the loss rises above the straight line from one end to the other, it is not convex.",
    swap: BARRIER,
    rescale: BARRIER,
    gradient:
      "Look for where the lowest points (marked) lie: those left of α = 0 can be reached by steps against the gradient.",
    path: "Look for whether the loss falls towards α = 0 from either side, and how it continues beyond.",
    random: "Is the loss lowest (marked) at the run’s weights, α = 0, or beside them?",
    least: "Look for where the curve bends downwards: there it is not convex.",
    largest: "Look for how steeply the loss rises: this is where it bends most.",
  },
  lookSpread: "How far do the batches lie from their mean?",
  loss: "loss",
  lossAxis: (name: string) => `loss (${name})`,
  lossOfMean: (name: string) => `loss (${name})`,
  atMost: (rows: number) => `at most ${number(rows)}`,
  sliceOf: (batch: number, rows: string) => `Slice of batch ${number(batch)}, ${rows} rows`,
  slicesOf: (batches: number, rows: string, isOverlaid: boolean) =>
    `Slices of ${number(batches)} batches of ${rows} rows${isOverlaid ? ", overlaid" : ": their mean and spread"}`,
  logTitle: "The same on a logarithmic axis: the bottom of the valley",
  logCaption: (hasSeveral: boolean) =>
    `Look for how ${hasSeveral ? "the batches differ" : "sharp the valley is"} near the lowest loss, where the linear axis shows one flat line.`,
  batch: (index: number) => `batch ${number(index)}`,
  meanOf: (batches: number) => `mean of ${counted(batches, "batch", "batches")}`,
  spread: "5 % to 95 % of the batches",
  asTrained: "units as they are",
  matched: "units matched",
  chord: "straight line between both ends",
  alignmentTitle: "The mean loss between the two models, before and after their units are matched",
  alignmentCaption:
    "Both lines lead to the same network: only the order of its hidden units differs. How much of the barrier is a matter of that order?",
  barrierTitle: "The barrier in numbers",
  barrierCaption:
    "The barrier is the largest L(α) − (1 − α)·L(0) − α·L(1) at the points of the line. Between two points the loss may be higher: a parabola through neighbouring points misses at most the amount in the table.",
  barrierHeight: "barrier",
  barrierAt: "at α",
  barrierMissed: "missed between points, estimate",
  lossAtStart: "loss at α = 0",
  lossAtEnd: "loss at α = 1",
  barrierRise: "largest climb on the way from the higher end to the lower",
  lossOfBatches: "the loss of each batch",
  summary: "mean, spread and quantiles",
  meanAndVariance: "mean and variance of the loss",
  alphaAxes: {
    random: "α, along the first random direction",
    path: "α, along the path’s first principal direction",
    gradient: "α, along the gradient",
    model: "α, from the run’s weights (0) to the other model’s (1)",
    swap: "α, from the run’s weights (0) to those with two units exchanged (1)",
    rescale: "a, the factor of the first layer’s weights",
    curvature: "α, along the first eigenvector of the Hessian",
  },
  betaAxes: {
    random: "β, along a second random direction",
    path: "β, along the second principal direction",
    rescale: "b, the factor of the next layer’s weights",
    curvature: "β, along the next eigenvector of the Hessian",
  },
  aboutPlane: (batches: number, rows: string) =>
    `The plane passes through the run’s weights at α = β = 0; at (α, β) the weights are moved by α times one direction and β times another. The height is the mean loss of ${counted(batches, "batch", "batches")} of ${rows} rows.`,
  aboutFactors: (batches: number, rows: string) =>
    `At (a, b) the first layer’s weights are multiplied by a and the next layer’s by b; the run’s weights lie at a = b = 1. Without biases the network predicts ab·f there, so the loss is (ab)²·E[f²] − 2ab·E[f·y] + E[y²]: three means give the whole surface, the mean loss of ${counted(batches, "batch", "batches")} of ${rows} rows.`,
  valleyCaptions: {
    surface:
      "All points of the marked curve have the same, lowest loss. Does the straight line between two of them stay in the valley?",
    map: "The floor of the valley is a hyperbola. A convex loss would be as low on the chord between any two of its points.",
  },
  floor: "lowest points, ab = c",
  twoMinima: "two of them",
  midpoint: (rise: number) => `their midpoint, ${short(rise)} higher`,
  factorsTitle: "The valley in numbers",
  factorsCaption:
    "Means over the rows, and what follows from them, each with a bound of its rounding error: E[f²]·(ab − c)² more than the lowest loss is the loss at any (a, b). The loss is not convex where the midpoint lies higher by more than the bound.",
  errorBound: "error bound",
  productOfFactors: "c, the product ab of all lowest points",
  lossOfFloor: "lowest loss",
  riseOfMidpoint: "how much higher the midpoint of (2√c, ½√c) and (½√c, 2√c) lies",
  surfaceWithPath: "The loss surface and the path of the training on it",
  surface: "The loss surface",
  mapOfPath: "The same from above",
  map: "The same from above, as contours",
  captionOfPath: (share: number | undefined) =>
    `The loss over the plane in which the training moved most${share === undefined ? "" : ` (${percent(share)} of its path lies in it)`}. Where does the path turn, and what does the loss do there?`,
  captionOfSurface:
    "Look for the shape of the surface around the run’s weights. Drag it, or press arrow keys, to turn it.",
  captionOfMapWithPath:
    "Does the path cross the contour lines at right angles, as steepest descent would, or do directions outside this plane bend it?",
  captionOfMap:
    "Look for whether the contour lines are ellipses, as those of a quadratic bowl are.",
  centre: "centre: the run’s weights",
  path: "path of the training",
  step: (step: number) => `step ${number(step)}`,
  planeFacts: "The surface in numbers",
  quantity: "quantity",
  value: "value",
  points: "points",
  lowestLoss: "lowest loss",
  atPlace: "at α, β",
  lossAtCentre: "loss at the centre (α = β = 0)",
  explained: "share of the path that each direction explains",
  lowestPoints: "The lowest point of each batch",
  lowestPoint: "The lowest point",
  lowestPointsOf: (batches: number) =>
    `The lowest points of ${counted(batches, "batch", "batches")}`,
  lowestCaption:
    "Each column on its own: the smallest, the mean and the largest value over the batches.",
  alphaOfLowest: "α of the lowest loss",
  lossAtWeights: "loss at the run’s weights (α = 0)",
  batchColumn: "batch",
  overBatches: "over the batches",
  smallest: "smallest",
  mean: "mean",
  largest: "largest",
};
