import type { Landscape } from "../landscape/index.js";
import type { Dataset } from "../stream/index.js";
import type { Run } from "../train/index.js";
import { distributionFigure, passOptions } from "./distribution.js";
import { datasetSection, factTable, lineSections, runSections, zoomSections } from "./sections.js";
import { lineResults, NOTEBOOK_GRID } from "./slices.js";
import type { Experiment, Context } from "./types.js";

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
  description: "Targets from two layers of sigmoids, each divided by its maximum over all rows.",
  steps: ["data"],
  defaults: DATA,
  async run(context) {
    const dataset = await context.data("two-layer-sigmoid");
    const maxima = maximaOf(dataset);
    return {
      results: { maxima, statistics: await dataset.statistics(passOptions(context.signal)) },
      sections: [
        ...datasetSection(dataset, "sigmoid", "The data"),
        {
          id: "target",
          title: "The target",
          part: "The data",
          text: "Division by the global maximum makes the largest target 1.",
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

async function trainMlp(
  context: Context,
): Promise<{ dataset: Dataset; run: Run; results: Record<string, unknown> }> {
  const dataset = await context.data("two-layer-sigmoid");
  const run = await context.train(dataset, "mlp");
  const { variance } = (await dataset.statistics(passOptions(context.signal))).target;
  const results = {
    maxima: maximaOf(dataset),
    finalLoss: run.record.result?.loss ?? null,
    // What the best constant prediction would leave.
    varianceOfTarget: variance,
  };
  return { dataset, run, results };
}

const mlp: Experiment = {
  name: "mlp",
  title: "An MLP on the two-layer-sigmoid data",
  description: "D→4D→2D→1 with ReLU by minibatch SGD from PyTorch's initial weights.",
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

/** Slices of the trained MLP along ± scale·N(0,1) of every layer. */
function overlay(
  name: string,
  title: string,
  description: string,
  scale: number,
  wideScale?: number,
): Experiment {
  return {
    name,
    title,
    description,
    steps: ["data", "training", "line"],
    defaults: { ...DATA, ...TRAINING, ...NOTEBOOK_GRID, along: "random", scale, batches: 5 },
    quick: QUICK,
    async run(context) {
      const { dataset, run, results } = await trainMlp(context);
      const made: Landscape = await context.line(run, dataset, "batches");
      // A zoom is understood beside the view that it is a part of.
      const slices =
        wideScale === undefined
          ? await lineSections(made, "batches", "The slices")
          : await zoomSections(
              made,
              await context.line(run, dataset, "wide", { scale: wideScale }),
              "The slices",
            );
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
    "The MLP's loss of single batches, overlaid",
    "Trained weights ± 2·N(0,1) of every layer, the first five batches.",
    2,
  ),
  overlay(
    "mlp-zoom",
    "The MLP's loss near the trained weights",
    "Trained weights ± 0.01·N(0,1) of every layer, the first five batches.",
    0.01,
    2,
  ),
];
