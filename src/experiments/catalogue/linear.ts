import { formatNumber } from "../../common/text/numbers.js";
import type { Dataset } from "../../stream/index.js";
import type { Run } from "../../train/index.js";
import { estimateOf, trainedModel } from "../bounds/estimate.js";
import { largestDifference } from "../bounds/numbers.js";
import { datasetSection, factTable, runSections } from "../sections.js";
import type { Context, Experiment, Outcome } from "../types.js";
import { LINEAR_DATA } from "./linear-data.js";

/** Rows 2 to 4 of the notebook: the linear model trained on all rows at once. */

const closedForm: Experiment = {
  name: "closed-form",
  title: "The closed form of least squares",
  describe: ({ ridge }) =>
    `ŵ = (XᵀX${typeof ridge === "number" && ridge > 0 ? ` + ${formatNumber(ridge)}·I` : ""})⁻¹Xᵀy from one streamed pass and a Cholesky factorisation.`,
  steps: ["data", "training"],
  fixed: ["model", "optimizer"],
  defaults: { ...LINEAR_DATA, optimizer: "closed-form" },
  run: (context) => trainOnce(context, "closed-form"),
};

const DESCENT = {
  ...LINEAR_DATA,
  optimizer: "gradient-descent",
  init: "normal:0.1",
  epochs: 1000,
  learningRate: 0.01,
} as const;

const gradientDescent: Experiment = {
  name: "gradient-descent",
  title: "Gradient descent on all rows",
  describe: () => "Full-batch steps with the gradient 2Xᵀ(ŷ − y)/N, streamed.",
  steps: ["data", "training"],
  fixed: ["model", "optimizer"],
  defaults: DESCENT,
  quick: { epochs: 100 },
  run: (context) => trainOnce(context, "gradient-descent"),
};

const autograd: Experiment = {
  name: "autograd",
  title: "The same descent by automatic differentiation",
  describe: () =>
    "A Linear D→1 by tfjs's automatic gradients, beside the same training with the gradient written out.",
  steps: ["data", "training"],
  fixed: ["model", "optimizer", "gradients"],
  defaults: DESCENT,
  quick: { epochs: 100 },
  async run(context) {
    const dataset = await context.data("lsm");
    const automatic = await context.train(dataset, "autograd", { gradients: "autodiff" });
    const explicit = await context.train(dataset, "gradient-descent", { gradients: "explicit" });
    const explicitWeights = trainedModel(explicit).weights;
    const difference = largestDifference(trainedModel(automatic).weights, explicitWeights);
    return {
      results: {
        ...estimateOf(automatic, dataset),
        explicitWeights,
        largestDifferenceToExplicit: difference,
      },
      sections: [
        {
          id: "agreement",
          title: "Agreement",
          part: "The training",
          text: "Both runs start from the same weights and take the same steps; only rounding differs.",
          blocks: [
            factTable("agreement", "Largest difference between the two ŵ", [
              ["max |Δŵ|", difference],
            ]),
          ],
        },
        ...(await runSections(context, automatic, "autograd", "By automatic differentiation")),
        ...(await runSections(context, explicit, "explicit", "With the gradient written out")),
        ...datasetSection(context, dataset, "lsm", "The data"),
      ],
    };
  },
};

export const linearExperiments: readonly Experiment[] = [closedForm, gradientDescent, autograd];

/** Trains the linear model once and compares its weights with the true ones. `more` adds to the results. */
export async function trainOnce(
  context: Context,
  name: string,
  more: (run: Run, dataset: Dataset) => Promise<Record<string, unknown>> = async () => ({}),
): Promise<Outcome> {
  const dataset = await context.data("lsm");
  const run = await context.train(dataset, name);
  const part = "The training";
  return {
    results: { ...estimateOf(run, dataset), ...(await more(run, dataset)) },
    sections: [
      ...(await runSections(context, run, name, part)),
      ...datasetSection(context, dataset, "lsm", "The data"),
    ],
  };
}
