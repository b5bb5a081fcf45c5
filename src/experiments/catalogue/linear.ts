import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import { usageError } from "../../common/errors.js";
import { hasStandardizedTarget, lossName, type LineFigure } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Run } from "../../train/index.js";
import { distributionFigure, passOptions } from "./distribution.js";
import { estimateOf, trainedModel } from "../bounds/estimate.js";
import { largestDifference, lossesEvery, noiseOf, trueWeights } from "../bounds/numbers.js";
import { datasetSection, factTable, runSections } from "../sections.js";
import type { Experiment, Outcome, Context } from "../types.js";

/** Rows 1 to 4, 9 and 10 of the notebook: the linear model and the ways to its weights. */

const DATA = { rows: 10_000, features: 10, noise: 0.1, seed: 42 } as const;
const DATA_PART = "The data";

const lsmData: Experiment = {
  name: "lsm-data",
  title: "Linear data with noise",
  describe: () => "y = Xw + noise with X and w standard normal: the data of the convex problem.",
  steps: ["data"],
  defaults: DATA,
  async run(context) {
    const dataset = await context.data("lsm");
    const statistics = await dataset.statistics(passOptions(context.signal));
    const truth = trueWeights(dataset);
    // Var y = |w|² + noise², since the features are independent with variance 1.
    const expected = truth.reduce((sum, w) => sum + w * w, 0) + noiseOf(dataset) ** 2;
    return {
      results: { trueWeights: truth, statistics, expectedVarianceOfTarget: expected },
      sections: [
        ...datasetSection(dataset, "lsm", DATA_PART),
        {
          id: "target",
          title: "The target",
          part: DATA_PART,
          text: "A sum of independent normals is normal: with variance |w|² plus the noise's.",
          blocks: [
            await distributionFigure(dataset, context.signal, { mean: 0, variance: expected }),
            factTable(
              "weights",
              "True weights",
              truth.map((w, index) => [`w${index}`, w]),
            ),
          ],
        },
      ],
    };
  },
};

const closedForm: Experiment = {
  name: "closed-form",
  title: "The closed form of least squares",
  describe: ({ ridge }) =>
    `ŵ = (XᵀX${typeof ridge === "number" && ridge > 0 ? ` + ${formatNumber(ridge)}·I` : ""})⁻¹Xᵀy from one streamed pass and a Cholesky factorisation.`,
  steps: ["data", "training"],
  fixed: ["model", "optimizer"],
  defaults: { ...DATA, optimizer: "closed-form" },
  run: (context) => oneRun(context, "closed-form"),
};

/** Data, one run, and its weights beside the true ones. */
async function oneRun(
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
      ...datasetSection(dataset, "lsm", DATA_PART),
      ...(await runSections(run, name, part)),
    ],
  };
}

const DESCENT = {
  ...DATA,
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
  run: (context) => oneRun(context, "gradient-descent"),
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
        ...datasetSection(dataset, "lsm", DATA_PART),
        {
          id: "agreement",
          title: "Agreement",
          part: "The training",
          text: "Both runs start from the same weights and take the same steps; they differ by rounding alone.",
          blocks: [
            factTable("agreement", "Largest difference between the two ŵ", [
              ["max |Δŵ|", difference],
            ]),
          ],
        },
        ...(await runSections(automatic, "autograd", "By automatic differentiation")),
        ...(await runSections(explicit, "explicit", "With the gradient written out")),
      ],
    };
  },
};

/** Losses at every hundredth epoch, as the notebook prints them. */
async function sgdRun(context: Context, name: string): Promise<Outcome> {
  const { optimizer } = context.options;
  if (optimizer === "closed-form" || optimizer === "gradient-descent") {
    throw usageError(
      `The experiment ${name} takes minibatches, and --optimizer ${optimizer} takes all rows; run vadi experiment ${optimizer} instead.`,
    );
  }
  let figure: LineFigure | undefined;
  const outcome = await oneRun(context, name, async (run, dataset) => {
    const losses = lossesEvery(await run.history(), 100);
    if (losses.length > 1) figure = lossFigure(losses, run, noiseOf(dataset));
    return { losses };
  });
  if (figure !== undefined) {
    outcome.sections.push({
      id: "every-hundred",
      title: "Every hundredth epoch",
      part: "The training",
      blocks: [figure],
    });
  }
  return outcome;
}

function lossFigure(
  losses: readonly { epoch: number; loss: number }[],
  { record }: Run,
  noise: number,
): LineFigure {
  const variance = (noise / (record.standardize?.target?.scale ?? 1)) ** 2;
  const last = losses.at(-1)?.loss ?? NaN;
  return {
    kind: "lines",
    id: "loss-every-hundred-epochs",
    title: "Loss at every hundredth epoch",
    caption: `Look for the level to which the loss falls: it ends at ${formatNumber(last)}, and the variance of the noise, in the same units, is ${formatNumber(variance)}.`,
    x: { title: "epoch" },
    y: {
      title: `loss of the epoch's last logged batch (${lossName(hasStandardizedTarget(record))})`,
      symbol: "loss",
      scale: "log",
    },
    series: [
      { name: "loss", x: losses.map(({ epoch }) => epoch), y: losses.map(({ loss }) => loss) },
    ],
  };
}

/** `10,000 rows in batches of 1,000 rows, reshuffled every epoch.` */
function batchesText({ batchSize, rows, shuffle }: Experiment["defaults"]): string {
  const order = shuffle === "none" ? "in the order of the files" : "reshuffled every epoch";
  return `${countedExactly(Number(rows), "row")} in batches of ${countedExactly(Number(batchSize), "row")}, ${order}.`;
}

const sgd: Experiment = {
  name: "sgd",
  title: "Stochastic gradient descent",
  describe: batchesText,
  steps: ["data", "training"],
  fixed: ["model"],
  // A line of history at every tenth epoch at the least, so that hundredth epochs are among them.
  defaults: {
    ...DATA,
    batchSize: 1000,
    learningRate: 0.001,
    epochs: 1000,
    shuffle: "global",
    logEvery: 10,
  },
  quick: { epochs: 200 },
  run: (context) => sgdRun(context, "sgd"),
};

const sgdLarge: Experiment = {
  name: "sgd-large",
  title: "Stochastic gradient descent on more rows",
  describe: batchesText,
  steps: ["data", "training"],
  fixed: ["model"],
  defaults: {
    ...DATA,
    rows: 1_000_000,
    batchSize: 10_000,
    learningRate: 0.001,
    epochs: 500,
    shuffle: "window",
    logEvery: 50,
  },
  quick: { epochs: 10 },
  run: (context) => sgdRun(context, "sgd-large"),
};

export const linearExperiments: readonly Experiment[] = [
  lsmData,
  closedForm,
  gradientDescent,
  autograd,
  sgd,
  sgdLarge,
];
