import { estimateOf, trainedModel } from "../bounds/estimate.js";
import { trueWeightsOf } from "../bounds/numbers.js";
import { datasetSection, lineSections, runSections } from "../sections.js";
import type { Context, DeclaredExperiment, Outcome } from "../types.js";
import { lineResults, linesText, NOTEBOOK_GRID, scaleText } from "./line-results.js";

/** Rows 7, 8 and 11 of the notebook: slices through the loss of the linear model. */

const DATA = { rows: 10_000, features: 10, noise: 0.1, seed: 42 } as const;

const sliceRandom: DeclaredExperiment = {
  name: "slice-random",
  describe: ({ scale }, language) =>
    language.texts.experiments.sliceRandom(scaleText(language, scale)),
  steps: ["data", "line"],
  fixed: ["along"],
  defaults: { ...DATA, ...NOTEBOOK_GRID, along: "random-points", scale: 0.1, batches: "all" },
  async run(context) {
    const dataset = await context.data("lsm");
    // Only the shape of this model matters: both ends of the line are random points.
    const run = await context.train(dataset, "initial", { epochs: 0 });
    const batchSize = batchSizeOf(context, dataset.rows);
    const made = await context.line(run, dataset, "slice", { batchSize });
    return {
      results: { trueWeights: trueWeightsOf(dataset), ...(await lineResults(made)) },
      sections: [
        ...(await lineSections(
          context,
          made,
          "slice",
          context.language.texts.experiments.theSlice,
        )),
        ...datasetSection(context, dataset, "lsm", context.language.texts.experiments.theData),
      ],
    };
  },
};

const sliceOptimum: DeclaredExperiment = {
  name: "slice-optimum",
  describe: ({ scale }, language) =>
    language.texts.experiments.sliceOptimum(scaleText(language, scale)),
  steps: ["data", "line"],
  fixed: ["along"],
  defaults: { ...DATA, ...NOTEBOOK_GRID, along: "random", scale: 0.1, batches: "all" },
  async run(context) {
    const dataset = await context.data("lsm");
    const run = await context.train(dataset, "closed-form", { optimizer: "closed-form" });
    const batchSize = batchSizeOf(context, dataset.rows);
    const made = await context.line(run, dataset, "slice", { batchSize });
    return {
      results: { optimum: trainedModel(run).weights, ...(await lineResults(made)) },
      sections: [
        ...(await lineSections(
          context,
          made,
          "slice",
          context.language.texts.experiments.theSlice,
        )),
        ...(await runSections(
          context,
          run,
          "closed-form",
          context.language.texts.experiments.theOptimum,
        )),
        ...datasetSection(context, dataset, "lsm", context.language.texts.experiments.theData),
      ],
    };
  },
};

/** All rows in one batch, unless the batch size is given. */
function batchSizeOf({ options }: Context, rows: number): number {
  return typeof options["batchSize"] === "number" ? options["batchSize"] : rows;
}

const batchesOverlaid: DeclaredExperiment = {
  name: "batches-overlaid",
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
  run: trainAndSlice,
};

/** Trains the linear model and slices its loss. The experiments that do so differ in their defaults only. */
export async function trainAndSlice(context: Context): Promise<Outcome> {
  const dataset = await context.data("lsm");
  const run = await context.train(dataset, "sgd");
  const made = await context.line(run, dataset, "batches");
  return {
    results: {
      ...estimateOf(run, dataset),
      trainingRowsPerSecond: run.record.result?.rowsPerSecond,
      ...(await lineResults(made)),
    },
    sections: [
      ...(await lineSections(
        context,
        made,
        "batches",
        context.language.texts.experiments.theSlices,
      )),
      ...(await runSections(context, run, "sgd", context.language.texts.experiments.theTraining)),
      ...datasetSection(context, dataset, "lsm", context.language.texts.experiments.theData),
    ],
  };
}

export const sliceExperiments: readonly DeclaredExperiment[] = [
  sliceRandom,
  sliceOptimum,
  batchesOverlaid,
];
