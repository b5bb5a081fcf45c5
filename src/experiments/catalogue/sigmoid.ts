import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import type { Landscape } from "../../landscape/index.js";
import { hasStandardizedTarget, lossUnits } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Run } from "../../train/index.js";
import { distributionFigure, passOptions } from "./distribution.js";
import { datasetSection, factTable, lineSections, runSections, zoomSections } from "../sections.js";
import { lineResults, linesText, NOTEBOOK_GRID } from "./slices.js";
import type { Experiment, Context } from "../types.js";

/** Rows 12 to 15 of the notebook: the two-layer-sigmoid data and its MLP. */

/** Its maxima are 4.4 and 2.0: neither flips nor stretches the targets. */
export const HEALTHY_SEED = 10;

const DATA = { rows: 100_000, features: 10, noise: 0.1, seed: HEALTHY_SEED } as const;
const TRAINING = {
  model: "mlp",
  batchSize: 10_000,
  learningRate: 0.001,
  epochs: 2000,
  shuffle: "global",
} as const;
const QUICK = { epochs: 50 } as const;

/** max(a) of both layers over the whole dataset. */
function maximaOf(dataset: Dataset): [number, number] {
  const { manifest } = dataset;
  if (manifest.kind !== "two-layer-sigmoid") throw new Error("Only this data has maxima.");
  return manifest.constants.maxima;
}

const sigmoidData: Experiment = {
  name: "two-layer-sigmoid-data",
  title: "The two-layer-sigmoid data",
  describe: () => "Targets from two layers of sigmoids, each divided by its maximum over all rows.",
  steps: ["data"],
  defaults: DATA,
  async run(context) {
    const dataset = await context.data("two-layer-sigmoid");
    const maxima = maximaOf(dataset);
    const statistics = await dataset.statistics(passOptions(context.signal));
    return {
      results: { maxima, statistics },
      sections: [
        ...datasetSection(dataset, "sigmoid", "The data"),
        {
          id: "target",
          title: "The target",
          part: "The data",
          text: targetText(maxima[1], statistics.target),
          blocks: [
            await distributionFigure(dataset, context.signal),
            factTable("maxima", "The two maxima that the formula divides by", [
              ["first layer", maxima[0]],
              ["second layer", maxima[1]],
            ]),
          ],
        },
      ],
    };
  },
};

/** What division by the second layer's maximum makes of the targets. */
function targetText(
  maximum: number,
  { minimum, maximum: largest }: { minimum: number; maximum: number },
): string {
  const range = `The targets run from ${formatNumber(minimum)} to ${formatNumber(largest)}.`;
  return maximum > 0
    ? `Division by the largest value over all rows makes that value 1. ${range}`
    : `The largest value over all rows is negative, ${formatNumber(maximum)}: division by it turns the order around and makes that value 1 the least target. ${range}`;
}

async function trainMlp(
  context: Context,
): Promise<{ dataset: Dataset; run: Run; results: Record<string, unknown> }> {
  const dataset = await context.data("two-layer-sigmoid");
  const run = await context.train(dataset, "mlp");
  const { variance } = (await dataset.statistics(passOptions(context.signal))).target;
  const results = {
    maxima: maximaOf(dataset),
    finalLoss: run.record.result?.loss ?? null,
    // What the best constant prediction would leave, in the loss's units.
    varianceOfTarget: variance / (run.record.standardize?.target?.scale ?? 1) ** 2,
    lossUnits: lossUnits(hasStandardizedTarget(run.record)),
  };
  return { dataset, run, results };
}

/** `The model mlp, trained by sgd for 2,000 epochs in batches of 10,000 rows.` */
function trainingText(options: Experiment["defaults"]): string {
  const { model, optimizer = "sgd", epochs, batchSize } = options;
  return `The model ${String(model)}, trained by ${String(optimizer)} for ${countedExactly(Number(epochs), "epoch")} in batches of ${countedExactly(Number(batchSize), "row")}.`;
}

const mlp: Experiment = {
  name: "mlp",
  title: "Training on the two-layer-sigmoid data",
  describe: trainingText,
  steps: ["data", "training"],
  defaults: { ...DATA, ...TRAINING },
  quick: QUICK,
  async run(context) {
    const { dataset, run, results } = await trainMlp(context);
    return {
      results,
      sections: [
        ...(await runSections(run, "mlp", "The training")),
        ...datasetSection(dataset, "sigmoid", "The data"),
      ],
    };
  },
};

/** How many times as wide as a zoom the view beside it is. */
const WIDER = 200;

/** Slices of the trained MLP along ± scale·N(0,1) of every layer. */
function overlay(name: string, title: string, scale: number, isZoom = false): Experiment {
  return {
    name,
    title,
    describe: (options) => `${trainingText(options)} ${linesText(options)}`,
    steps: ["data", "training", "line"],
    defaults: { ...DATA, ...TRAINING, ...NOTEBOOK_GRID, along: "random", scale, batches: 5 },
    quick: QUICK,
    async run(context) {
      const { dataset, run, results } = await trainMlp(context);
      const made: Landscape = await context.line(run, dataset, "batches");
      // A zoom is understood beside the view that it is a part of; lines between two random points have none.
      const slices =
        isZoom && made.record.along !== "random-points"
          ? await zoomSections(
              made,
              await context.line(run, dataset, "wide", { scale: WIDER * made.record.scale }),
              "The slices",
            )
          : await lineSections(made, "batches", "The slices");
      return {
        results: { ...results, ...(await lineResults(made)) },
        sections: [
          ...slices,
          ...(await runSections(run, "mlp", "The training")),
          ...datasetSection(dataset, "sigmoid", "The data"),
        ],
      };
    },
  };
}

export const sigmoidExperiments: readonly Experiment[] = [
  sigmoidData,
  mlp,
  overlay(
    "mlp-batches-overlaid",
    "The loss of single batches of the two-layer-sigmoid data, overlaid",
    2,
  ),
  overlay("mlp-zoom", "The loss near the trained weights, two-layer-sigmoid data", 0.01, true),
];
