import { superscript } from "../../common/text/numbers.js";
import type { Texts } from "../../language/index.js";
import type { DenseNetwork } from "../../model/index.js";
import type { Bend } from "./bend.js";
import type { Witness } from "./witness.js";

/* The longer sentences on the proofs: which of them hold depends on the model and on the numbers that were found. */

export function permutationText(texts: Texts, network: DenseNetwork, { convex }: Witness): string {
  return texts.convexity.permutationText(hasBias(network), convex);
}

export function depthText(texts: Texts, network: DenseNetwork, { convex }: Witness): string {
  return texts.convexity.depthText(hasBias(network), nearZero(texts, network), convex);
}

/** How the loss behaves near t = 0 for each activation of the hidden layers; the last layer is linear. */
function nearZero({ convexity }: Texts, network: DenseNetwork): string {
  const says = convexity.nearZero;
  const layers = network.length;
  if (hasBias(network)) return says.bias;
  switch (network[0]!.activation) {
    case "relu":
    case "linear":
      return says.linear(layers, superscript(layers));
    case "tanh":
      return says.tanh(layers, superscript(layers));
    case "sigmoid":
      return says.sigmoid;
  }
}

export function curvatureText({ convexity }: Texts, network: DenseNetwork, bend: Bend): string {
  const { converged, steps, rows, sign } = bend;
  return [
    convexity.curvatureText(rows, steps, converged),
    ...(network.some(({ activation }) => activation === "relu") ? [convexity.reluText] : []),
    convexity.eigenvalueSays[sign],
    convexity.lossesSay[whatLossesSay(bend)],
  ].join(" ");
}

function whatLossesSay({ sign, witness: { convex } }: Bend): keyof Texts["convexity"]["lossesSay"] {
  if (sign === "negative") return convex ? "noSignOfIt" : "same";
  return convex ? "noSign" : "notConvex";
}

/** The verdict of the least eigenvalue on convexity. */
export function eigenvalueVerdict({ convexity }: Texts, { sign }: Bend): string {
  return convexity.verdicts[sign];
}

export function lossesVerdict({ convexity }: Texts, { convex }: Witness): string {
  return convexity.verdicts[convex ? "positive" : "negative"];
}

function hasBias(network: DenseNetwork): boolean {
  return network.some(({ bias }) => bias !== undefined);
}
