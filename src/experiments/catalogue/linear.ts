import type { Dataset } from "../../stream/index.js";
import type { Run } from "../../train/index.js";
import { estimateOf, trainedModel } from "../bounds/estimate.js";
import { largestDifference } from "../bounds/numbers.js";
import { datasetSection, factTable, runSections } from "../sections.js";
import type { Context, DeclaredExperiment, Outcome } from "../types.js";
import { LINEAR_DATA } from "./linear-data.js";

/** Rows 2 to 4 of the notebook: the linear model trained on all rows at once. */

const closedForm: DeclaredExperiment = {
  name: "closed-form",
  describe: ({ ridge }, { texts }) =>
    texts.experiments.closedForm(typeof ridge === "number" && ridge > 0 ? ridge : undefined),
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

const gradientDescent: DeclaredExperiment = {
  name: "gradient-descent",
  describe: (_, { texts }) => texts.experiments.gradientDescent,
  steps: ["data", "training"],
  fixed: ["model", "optimizer"],
  defaults: DESCENT,
  quick: { epochs: 400 },
  run: (context) => trainOnce(context, "gradient-descent"),
};

const autograd: DeclaredExperiment = {
  name: "autograd",
  describe: (_, { texts }) => texts.experiments.autograd,
  steps: ["data", "training"],
  fixed: ["model", "optimizer", "gradients"],
  defaults: DESCENT,
  quick: { epochs: 400 },
  async run(context) {
    const dataset = await context.data("lsm");
    const { texts } = context.language;
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
          title: texts.experiments.agreement(difference),
          part: texts.experiments.theTraining,
          text: texts.experiments.agreementText,
          blocks: [
            factTable(
              "agreement",
              texts.experiments.agreementTable,
              [["max |Δŵ|", difference]],
              context.language.texts.experiments.value,
            ),
          ],
        },
        ...(await runSections(context, automatic, "autograd", texts.experiments.automatically)),
        ...(await runSections(context, explicit, "explicit", texts.experiments.writtenOut)),
        ...datasetSection(context, dataset, "lsm", texts.experiments.theData),
      ],
    };
  },
};

export const linearExperiments: readonly DeclaredExperiment[] = [
  closedForm,
  gradientDescent,
  autograd,
];

/** Trains the linear model once and compares its weights with the true ones. `more` adds to the results. */
export async function trainOnce(
  context: Context,
  name: string,
  more: (run: Run, dataset: Dataset) => Promise<Record<string, unknown>> = async () => ({}),
): Promise<Outcome> {
  const dataset = await context.data("lsm");
  const run = await context.train(dataset, name);
  const { texts } = context.language;
  return {
    results: { ...estimateOf(run, dataset), ...(await more(run, dataset)) },
    sections: [
      ...(await runSections(context, run, name, texts.experiments.theTraining)),
      ...datasetSection(context, dataset, "lsm", texts.experiments.theData),
    ],
  };
}
