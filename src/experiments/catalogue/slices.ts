import type { Landscape } from "../../landscape/index.js";
import { lossUnits } from "../../report/index.js";
import { estimateOf, trainedModel } from "../bounds/estimate.js";
import { trueWeights } from "../bounds/numbers.js";
import { datasetSection, lineSections, runSections } from "../sections.js";
import type { Experiment } from "../types.js";

/** Rows 7, 8 and 11 of the notebook: slices through the loss of the linear model. */

const DATA = { rows: 10_000, features: 10, noise: 0.1, seed: 42 } as const;
/** The notebook's grid: start + i·(end − start)/100, i = 0 … 99. */
export const NOTEBOOK_GRID = { points: 100, endpoint: false } as const;

/** A landscape's numbers: the grid, the mean curve, each batch's lowest point. */
export async function lineResults(made: Landscape): Promise<Record<string, unknown>> {
  const { alphas } = made.record;
  const [summary, curves] = [await made.summary(), await made.curves()];
  const mean = summary.map((row) => row.mean);
  const lowest = (losses: ArrayLike<number>): { alpha: number | undefined; loss: number } => {
    let best = 0;
    for (let i = 1; i < losses.length; i++)
      if ((losses[i] ?? NaN) < (losses[best] ?? NaN)) best = i;
    return { alpha: alphas[best], loss: losses[best] ?? NaN };
  };
  return {
    alphas,
    meanLosses: mean,
    lowestOfMean: lowest(mean),
    lowestOfBatches: curves.map(({ batch, losses }) => ({ batch, ...lowest(losses) })),
    lossUnits: lossUnits(made.record.standardized),
    method: made.record.method,
  };
}

/** `Trained weights ± 2·N(0,1), a curve for each batch.` */
export function linesText({ along, scale }: Experiment["defaults"]): string {
  return along === "random"
    ? `Trained weights ± ${String(scale)}·N(0,1), a curve for each batch.`
    : `Slices along ${String(along)}, a curve for each batch.`;
}

const sliceRandom: Experiment = {
  name: "slice-random",
  title: "A slice between two random points",
  describe: ({ scale }) =>
    `The loss on the line between two random points w ~ ${String(scale)}·N(0,1), with no reason to pass near an optimum.`,
  steps: ["data", "line"],
  fixed: ["along"],
  defaults: { ...DATA, ...NOTEBOOK_GRID, along: "random-points", scale: 0.1, batches: "all" },
  async run(context) {
    const dataset = await context.data("lsm");
    // The run lends its model's shape alone: both ends of the line are random points.
    const run = await context.train(dataset, "initial", { epochs: 0 });
    const made = await context.line(run, dataset, "slice", {
      batchSize: batchSizeOf(context.options, dataset.rows),
    });
    return {
      results: { trueWeights: trueWeights(dataset), ...(await lineResults(made)) },
      sections: [
        ...(await lineSections(made, "slice", "The slice")),
        ...datasetSection(dataset, "lsm", "The data"),
      ],
    };
  },
};

/** All rows at once, unless the batch size is given. */
function batchSizeOf(options: Readonly<Record<string, unknown>>, rows: number): number {
  return typeof options.batchSize === "number" ? options.batchSize : rows;
}

const sliceOptimum: Experiment = {
  name: "slice-optimum",
  title: "A slice through the optimum",
  describe: ({ scale }) =>
    `The loss along ŵ ± ${String(scale)}·N(0,1) around the least-squares optimum: a bowl.`,
  steps: ["data", "line"],
  fixed: ["along"],
  defaults: { ...DATA, ...NOTEBOOK_GRID, along: "random", scale: 0.1, batches: "all" },
  async run(context) {
    const dataset = await context.data("lsm");
    const run = await context.train(dataset, "closed-form", { optimizer: "closed-form" });
    const made = await context.line(run, dataset, "slice", {
      batchSize: batchSizeOf(context.options, dataset.rows),
    });
    return {
      results: { optimum: trainedModel(run).weights, ...(await lineResults(made)) },
      sections: [
        ...(await lineSections(made, "slice", "The slice")),
        ...(await runSections(run, "closed-form", "The optimum")),
        ...datasetSection(dataset, "lsm", "The data"),
      ],
    };
  },
};

const batchesOverlaid: Experiment = {
  name: "batches-overlaid",
  title: "The loss of single batches, overlaid",
  describe: linesText,
  steps: ["data", "training", "line"],
  fixed: ["model"],
  defaults: {
    ...DATA,
    ...NOTEBOOK_GRID,
    batchSize: 1000,
    learningRate: 0.001,
    epochs: 1000,
    shuffle: "global",
    along: "random",
    scale: 1,
    batches: 5,
  },
  quick: { epochs: 200 },
  async run(context) {
    const dataset = await context.data("lsm");
    const run = await context.train(dataset, "sgd");
    const made = await context.line(run, dataset, "batches");
    return {
      results: {
        ...estimateOf(run, dataset),
        ...(await lineResults(made)),
      },
      sections: [
        ...(await lineSections(made, "batches", "The slices")),
        ...(await runSections(run, "sgd", "The training")),
        ...datasetSection(dataset, "lsm", "The data"),
      ],
    };
  },
};

export const sliceExperiments: readonly Experiment[] = [sliceRandom, sliceOptimum, batchesOverlaid];
