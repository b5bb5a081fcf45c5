import { countedExactly } from "../../common/text/plurals.js";
import { estimateOf } from "../bounds/estimate.js";
import { datasetSection, lineSections, runSections } from "../sections.js";
import { lineResults } from "./slices.js";
import type { Experiment } from "../types.js";

/** Row 16 of the notebook: more rows than memory should hold. */
export const hundredMillion: Experiment = {
  name: "hundred-million",
  title: "Training and slices from disk, piece by piece",
  describe: ({ rows, epochs }) =>
    `Generate ${countedExactly(Number(rows), "row")}, train ${countedExactly(Number(epochs), "epoch")} on them and slice the loss, in bounded memory.`,
  steps: ["data", "training", "line"],
  fixed: ["model"],
  defaults: {
    rows: 100_000_000,
    features: 10,
    noise: 0.1,
    seed: 42,
    batchSize: 10_000,
    learningRate: 0.001,
    epochs: 1,
    shuffle: "window",
    batches: 5,
  },
  quick: { rows: 10_000_000 },
  async run(context) {
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
        ...(await runSections(run, "sgd", "The training")),
        ...(await lineSections(made, "batches", "The slices")),
        ...datasetSection(dataset, "lsm", "The data"),
      ],
    };
  },
};
