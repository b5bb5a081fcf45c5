import { formatNumber, superscript } from "../../common/text/numbers.js";
import type { DenseNetwork } from "../../model/index.js";
import type { Bend } from "./bend.js";
import type { Witness } from "./witness.js";

/* The sentences of the report on the proofs. They depend on the model and on the numbers that were found. */

export function permutationTitle({ convex }: Witness): string {
  return `Two points of equal loss, and ${convex ? "no" : "a"} barrier between them`;
}

export function permutationText(network: DenseNetwork, { convex }: Witness): string {
  const moved = hasBias(network) ? "incoming weights, biases and outgoing weights" : "all weights";
  return (
    `The same network with its hidden units in reverse order, ${moved} included, is another point of weight space with the same predictions. ` +
    "Training stopped at one of the two; they have equal losses and need not be minima. The line's direction is rounded to float32, so the losses below agree to about seven digits. A convex loss could not rise between them" +
    (convex
      ? ". At the highest point of the slice the loss, in float64, does not lie above theirs by more than rounding."
      : "; in float64, by more than rounding, it does.")
  );
}

export function depthTitle({ convex }: Witness): string {
  return convex ? "A line to zero" : "A line that bends downwards";
}

export function depthText(network: DenseNetwork, { convex }: Witness): string {
  const numbers = hasBias(network) ? "all weights and biases" : "all weights";
  return [
    `On the line from the network's weights to zero ${numbers} are multiplied by t = 1 − α. At its end, t = 0, all predictions are 0, and the loss is the mean of y².`,
    nearZero(network),
    convex
      ? "The three equally spaced points of the slice whose middle stands out most show no sign against convexity."
      : "Three equally spaced points prove that the loss is not convex: the middle lies above the chord of the others.",
  ].join(" ");
}

/** How the loss behaves near t = 0 for each activation of the hidden layers; the last layer is linear. */
function nearZero(network: DenseNetwork): string {
  const power = superscript(network.length);
  if (hasBias(network)) {
    return "With biases, the predictions are not a power of t times those of the network: only the values of the loss show how it bends.";
  }
  switch (network[0]!.activation) {
    case "relu":
    case "linear":
      return `The predictions f of its ${network.length} layers are multiplied by t${power}. Near t = 0 the loss begins as the mean of y² − 2t${power}fy, which bends downwards if the mean of fy is positive.`;
    case "tanh":
      return `Near 0 tanh is the identity. Near t = 0 the predictions of ${network.length} layers are therefore t${power}g, where g are the predictions of the same weights without tanh. There the loss begins as the mean of y² − 2t${power}gy, which bends downwards if the mean of gy is positive.`;
    case "sigmoid":
      return "Sigmoid units give about ½ near t = 0. The predictions therefore begin with a multiple of t that is the same for all rows: only the values of the loss show how it bends.";
  }
}

export const CURVATURE_TITLE = "The direction of least curvature";

export function curvatureText(network: DenseNetwork, bend: Bend): string {
  const { converged, steps, rows } = bend;
  return [
    `The Hessian of a convex loss has no negative eigenvalue. The least one at the network's weights is computed by the Lanczos iteration on exact products with the Hessian over all ${formatNumber(rows)} rows, in float64. The iteration ${converged ? "has" : "has not"} converged in ${steps} products${converged ? "" : ", so that there may be a smaller one"}.`,
    ...(network.some(({ activation }) => activation === "relu")
      ? [
          "ReLU has a kink where a unit switches on or off for a row. Between the kinks the loss is smooth, and this is the Hessian of the region that contains the weights; the losses below are compared across kinks as well.",
        ]
      : []),
    EIGENVALUE_SENTENCES[bend.sign],
    lossesSentence(bend),
  ].join(" ");
}

const EIGENVALUE_SENTENCES: Readonly<Record<Bend["sign"], string>> = {
  negative: "It has a negative eigenvalue, by more than the residual: the loss is not convex.",
  positive: "No negative eigenvalue was found.",
  unknown: "The eigenvalue that was found cannot be distinguished from 0: its residual is larger.",
};

function lossesSentence({ sign, witness: { convex } }: Bend): string {
  const subject = "The losses at both ends of the eigenvector, scaled, and between them";
  if (convex) {
    return `${subject} show ${sign === "negative" ? "no sign of it" : "no sign against convexity"} that is more than rounding.`;
  }
  return sign === "negative"
    ? `${subject} show the same without any derivative.`
    : `${subject} show that the loss is not convex: the middle lies above the chord of the ends.`;
}

/** The verdict of the least eigenvalue on convexity. */
export function eigenvalueVerdict({ sign }: Bend): string {
  return {
    negative: "not convex",
    positive: "no sign against convexity",
    unknown: "not distinguishable from 0",
  }[sign];
}

export function lossesVerdict({ convex }: Witness): string {
  return convex ? "no sign against convexity" : "not convex";
}

export function minimaTitle({ convex }: Witness): string {
  return `Two trainings from different weights, and ${convex ? "no" : "a"} barrier between them`;
}

export const MINIMA_TEXT =
  "The same network, trained on the same rows from other initial weights, ends elsewhere. On the line between both, the middle point below is the highest of the slice. If it lies above the chord of the ends by more than rounding, the loss is not convex.";

export const LINEAR_TEXT =
  "The same search along a line between two random points. The loss of the linear model is the mean of squares of functions that are linear in its parameters, and therefore convex.";

function hasBias(network: DenseNetwork): boolean {
  return network.some(({ bias }) => bias !== undefined);
}
