import { number, percent } from "./words.js";

/** The experiment on what breaks convexity. */
export const convexity = {
  describe:
    "The linear model's loss is convex. A network's looks convex along a random direction, and is not: the direction in which it bends downwards is found and certified, its kinks are counted, barriers are climbed between points of equal loss and between two trainings, and the largest eigenvalue is followed over a training.",
  parts: {
    random: "A random direction",
    worst: "The direction that is not convex",
    kinks: "The kinks",
    symmetric: "Two points of equal loss",
    minima: "Two trainings",
    edge: "The largest eigenvalue",
    linear: "The linear model",
  },

  looksConvex: "Along a random direction the loss looks convex",
  looksConvexWith: (rows: number, share: number, falling: number) =>
    `Along a random direction the loss looks convex: between its kinks, that of ${number(rows)} rows bends upwards on ${percent(share)} of the line (its slope falls at ${number(falling)} kinks)`,
  spectrumTitle: (share: number, count: number, parameters: number) =>
    `Because its negative curvature weighs ${percent(share)} of the whole: about ${number(count)} of ${number(parameters)} eigenvalues are negative, and small`,
  spectrumName: "The spectrum of the Hessian",
  spectrumText: (expected: string, deviation: number) =>
    `Along a unit vector v the loss bends by vᵀHv. On average over all directions that is the trace of the Hessian over the number of parameters, ${expected}; its standard deviation over directions is about ${number(deviation, 3)}. The density is estimated by stochastic Lanczos quadrature; the band is its spread over the random vectors. The Hessian is the sum of the Gauss–Newton part (2/n) Σ ∇f∇fᵀ, which has no negative eigenvalue, and of (2/n) Σ (f − y)∇²f: all negative curvature comes from the residuals.`,
  spectrumTable: "The spectrum and random directions",
  densityRows: "rows of the density",
  expected: "curvature to expect along a random unit vector",
  deviation: "its standard deviation over directions, about",
  negativeShare: "their share of the sum of all magnitudes",
  partsTable: "The two parts of the Hessian",
  part: "part",
  rows: "rows",
  leastWithResidual: "least eigenvalue ± residual",
  largestWithResidual: "largest ± residual",
  hessian: "Hessian",
  gaussNewton: "Gauss–Newton",
  residuals: "residuals",
  noneNegative: "none is negative",

  worstTitle: (eigenvalue: string, rows: number, claim: string) =>
    `Along the eigenvector of λ = ${eigenvalue}, ${number(rows)} rows. ${claim}`,
  certificateOf: (rows: number) => `The certificate of ${number(rows)} rows`,
  curvatureTitle: "The direction of least curvature",
  curvatureText: (rows: number, products: number, hasConverged: boolean) =>
    `The Hessian of a convex loss has no negative eigenvalue. The least one at the network's weights is computed by the Lanczos iteration on exact products with the Hessian over all ${number(rows)} rows, in float64. The iteration ${hasConverged ? "has" : "has not"} converged in ${number(products)} products${hasConverged ? "" : ", so that there may be a smaller one"}.`,
  reluText:
    "ReLU has a kink where a unit switches on or off for a row. Between the kinks the loss is smooth, and this is the Hessian of the region that contains the weights; the losses below are compared across kinks as well.",
  eigenvalueSays: {
    negative: "It has a negative eigenvalue, by more than the residual: the loss is not convex.",
    positive: "No negative eigenvalue was found.",
    unknown:
      "The eigenvalue that was found cannot be distinguished from 0: its residual is larger.",
  },
  lossesSay: {
    same: "The losses at both ends of the eigenvector, scaled, and between them show the same without any derivative.",
    notConvex:
      "The losses at both ends of the eigenvector, scaled, and between them show that the loss is not convex: the middle lies above the chord of the ends.",
    noSignOfIt:
      "The losses at both ends of the eigenvector, scaled, and between them show no sign of it that is more than rounding.",
    noSign:
      "The losses at both ends of the eigenvector, scaled, and between them show no sign against convexity that is more than rounding.",
  },
  hessianTable: "The Hessian at the network's weights",
  linearHessianTable: "The Hessian of the linear model, for comparison",
  leastEigenvalue: "least eigenvalue λ of the Hessian",
  residual: "‖Hv − λv‖: an eigenvalue lies within this distance of λ",
  largestEigenvalue: "largest eigenvalue",
  products: "Hessian–vector products",
  converged: "converged",
  yes: "yes",
  no: "no",
  eigenvalueVerdict: "verdict of λ",
  verdicts: {
    negative: "not convex",
    positive: "no sign against convexity",
    unknown: "not distinguishable from 0",
  },
  threePoints: "α of the three points",
  theirLosses: (units: string) => `their losses (${units})`,
  excess: "middle above the chord of the others",
  rounding: "rounding, at most",
  lossesVerdict: "verdict of the losses",

  kinksTitle: (radius: number, switches: number, fromKinks: number, quotient: number) =>
    `Within ${number(radius)} of the weights ${number(switches)} (row, unit) pairs switch; their kinks add ${number(fromKinks, 2)} to a second difference of ${number(quotient, 2)}`,
  kinksPlainTitle: "Kinks: where a unit switches for a row, the slope jumps",
  kinksText:
    "Where a unit switches for a row, the slope of the row’s squared error jumps. No Hessian sees these kinks: it is that of the smooth piece in which the weights lie. The second difference (L(−r) − 2L(0) + L(r))/r² sees both. The certificate lists each kink at which the slope of the mean falls, with its row and unit.",
  slopeTitle: (rows: number) =>
    `How the slope of the mean loss of ${number(rows)} rows changes along the worst direction`,
  slopeCaption:
    "Look at the part of the kinks: where it falls, single rows turn the slope down; where it rises, up.",
  slopeX: "α, along the eigenvector of the least eigenvalue",
  slopeY: "change of the slope since the start of the line",
  change: "change",
  allOfIt: "all of it",
  bySecond: "by the second derivative",
  byKinks: "by kinks",
  kinksFile: "all kinks at which the slope falls",
  profileFile: "loss and derivatives",

  symmetricTitle: (excess: string) =>
    `Two networks with the same predictions have equal losses, and between them the loss lies ${excess} higher`,
  permutationTitle: (isConvex: boolean) =>
    `Two points of equal loss, and ${isConvex ? "no" : "a"} barrier between them`,
  permutationText: (hasBias: boolean, isConvex: boolean) =>
    `The same network with its hidden units in reverse order, ${hasBias ? "incoming weights, biases and outgoing weights" : "all weights"} included, is another point of weight space with the same predictions. Training stopped at one of the two; they have equal losses and need not be minima. The line's direction is rounded to float32, so the losses below agree to about seven digits. A convex loss could not rise between them${isConvex ? ". At the highest point of the slice the loss, in float64, does not lie above theirs by more than rounding." : "; in float64, by more than rounding, it does."}`,
  toReversed: "To the same network with its units in reverse order",
  toZero: "To zero: all weights shrink together",
  depthTitle: (isConvex: boolean): string =>
    isConvex ? "A line to zero" : "A line that bends downwards",
  depthText: (hasBias: boolean, nearZero: string, isConvex: boolean) =>
    `On the line from the network's weights to zero ${hasBias ? "all weights and biases" : "all weights"} are multiplied by t = 1 − α. At its end, t = 0, all predictions are 0, and the loss is the mean of y². ${nearZero} ${isConvex ? "The three equally spaced points of the slice whose middle stands out most show no sign against convexity." : "Three equally spaced points prove that the loss is not convex: the middle lies above the chord of the others."}`,
  nearZero: {
    bias: "With biases, the predictions are not a power of t times those of the network: only the values of the loss show how it bends.",
    linear: (layers: number, power: string) =>
      `The predictions f of its ${number(layers)} layers are multiplied by t${power}. Near t = 0 the loss begins as the mean of y² − 2t${power}fy, which bends downwards if the mean of fy is positive.`,
    tanh: (layers: number, power: string) =>
      `Near 0 tanh is the identity. Near t = 0 the predictions of ${number(layers)} layers are therefore t${power}g, where g are the predictions of the same weights without tanh. There the loss begins as the mean of y² − 2t${power}gy, which bends downwards if the mean of gy is positive.`,
    sigmoid:
      "Sigmoid units give about ½ near t = 0. The predictions therefore begin with a multiple of t that is the same for all rows: only the values of the loss show how it bends.",
  },
  lossAtZero: "the mean of y²: the loss at zero, α = 1",

  minimaTitle: (isConvex: boolean) =>
    `Two trainings from different weights, and ${isConvex ? "no" : "a"} barrier between them`,
  minimaText:
    "The same network, trained on the same rows from other initial weights, ends elsewhere. On the line between both, the middle point below is the highest of the slice. If it lies above the chord of the ends by more than rounding, the loss is not convex.",
  betweenName: "Between the two trainings",
  initialName: "From the initial weights",
  initialFalls: (from: number, to: number) =>
    `From the initial weights to the trained ones the loss only falls, from ${number(from, 2)} to ${number(to, 2)}: this line does not show what is not convex`,
  edgeLossCaption:
    "Does the loss fall at every step? Does it still, once the largest eigenvalue has met the dashed line?",
  linearTitle: "The linear model, for comparison",
  betweenRandom: "Between two random points",
  linearText:
    "The same search along a line between two random points. The loss of the linear model is the mean of squares of functions that are linear in its parameters, and therefore convex.",
};
