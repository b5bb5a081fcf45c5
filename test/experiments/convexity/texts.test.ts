import { assert, test } from "../../helpers/test.js";
import type { Bend } from "../../../src/experiments/convexity/bend.js";
import {
  curvatureText,
  depthText,
  eigenvalueVerdict,
  lossesVerdict,
  permutationText,
} from "../../../src/experiments/convexity/texts.js";
import { languageOf } from "../../../src/language/index.js";
import type { Witness } from "../../../src/experiments/convexity/witness.js";
import type { Activation, DenseNetwork } from "../../../src/model/index.js";

const { texts } = languageOf("en");
const { depthTitle, permutationTitle } = texts.convexity;

function network(activation: Activation, bias: boolean, hidden = 2): DenseNetwork {
  return Array.from({ length: hidden + 1 }, (_, layer) => ({
    inputs: 2,
    outputs: layer === hidden ? 1 : 2,
    activation: layer === hidden ? "linear" : activation,
    weights: new Float32Array(layer === hidden ? 2 : 4),
    ...(bias && { bias: new Float32Array(layer === hidden ? 1 : 2) }),
  }));
}

const witness = (convex: boolean): Witness => ({
  alphas: [0, 0.5, 1],
  losses: [1, convex ? 0.5 : 2, 1],
  excess: convex ? -0.5 : 1,
  rounding: 1e-12,
  convex,
});

const bend = (sign: Bend["sign"], convex: boolean, converged = true): Bend => ({
  eigenvalue: { negative: -1, positive: 1, unknown: 1e-9 }[sign],
  residual: 1e-6,
  largest: 2,
  steps: 40,
  converged,
  witnessRows: 100,
  sign,
  rows: 100,
  witness: witness(convex),
  end: [],
});

test("the argument about the line to zero is that of the model", () => {
  for (const [activation, bias, hidden, wanted] of [
    ["relu", false, 2, "multiplied by t³"],
    ["linear", false, 2, "multiplied by t³"],
    ["relu", false, 1, "multiplied by t²"],
    ["tanh", false, 2, "Near 0 tanh is the identity"],
    ["sigmoid", false, 2, "the same for all rows"],
    ["relu", true, 2, "With biases"],
    ["tanh", true, 2, "With biases"],
  ] as const) {
    const text = depthText(texts, network(activation, bias, hidden), witness(false));
    assert.match(text, wanted);
    if (bias || activation === "sigmoid") assert.not.match(text, /t[²³]/);
    assert.is(text.includes("weights and biases"), bias);
  }
});

test("titles, sentences and verdicts say the same", () => {
  const model = network("relu", true);
  for (const convex of [false, true]) {
    const found = witness(convex);
    assert.match(permutationTitle(convex), convex ? "no barrier" : "a barrier");
    assert.match(permutationText(texts, model, found), convex ? "does not lie above" : "it does.");
    assert.match(depthTitle(convex), convex ? "to zero" : "bends downwards");
    assert.match(depthText(texts, model, found), convex ? "no sign against" : "is not convex");
    assert.match(lossesVerdict(texts, found), convex ? "no sign against" : "not convex");
    for (const sign of ["negative", "positive", "unknown"] as const) {
      const text = curvatureText(texts, model, bend(sign, convex));
      const claims = text.includes("the loss is not convex") || text.includes("show the same");
      assert.is(claims, sign === "negative" || !convex, text);
      const verdict = {
        negative: "not convex",
        positive: "no sign",
        unknown: "not distinguishable from 0",
      };
      assert.match(eigenvalueVerdict(texts, bend(sign, convex)), verdict[sign]);
    }
  }
});

test("the curvature's text says whether it has converged, and of ReLU that it has kinks", () => {
  assert.match(curvatureText(texts, network("relu", false), bend("negative", false)), "kink");
  assert.not.match(curvatureText(texts, network("tanh", false), bend("negative", false)), "kink");
  assert.match(
    curvatureText(texts, network("tanh", false), bend("positive", true)),
    "has converged in 40",
  );
  const unfinished = curvatureText(texts, network("tanh", false), bend("positive", true, false));
  assert.match(unfinished, "has not converged in 40 products, so that there may be a smaller one");
});

test.run();
