import { estimateOf } from "../bounds/estimate.js";
import { datasetSection, lineSections, runSections, zoomSections } from "../sections.js";
import { HEALTHY_SEED } from "./sigmoid.js";
import { lineResults } from "./slices.js";
import type { Experiment } from "../types.js";

const LINEAR = "Linear data, linear model";
const SIGMOID = "Two-layer-sigmoid data, MLP";

/** Everything once, small enough for a minute: it is what a newcomer runs first. */
export const demo: Experiment = {
  name: "demo",
  title: "Two valleys: a convex loss and one that is not",
  describe: () =>
    "A linear model on a million rows and an MLP on data of two layers of sigmoids, both trained by SGD from disk, and the loss of single batches around the trained weights.",
  steps: [],
  defaults: {},
  async run(context) {
    const linearData = await context.data("lsm", "lsm", { rows: 1_000_000 });
    const linear = await context.train(linearData, "linear", {
      model: "linear",
      batchSize: 10_000,
      learningRate: 0.01,
      epochs: 5,
      shuffle: "window",
    });
    const bowl = await context.line(linear, linearData, "linear", { scale: 1, batches: 5 });

    const sigmoidData = await context.data("two-layer-sigmoid", "two-layer-sigmoid", {
      rows: 200_000,
      seed: HEALTHY_SEED,
    });
    const mlp = await context.train(sigmoidData, "mlp", {
      model: "mlp",
      batchSize: 1000,
      learningRate: 0.1,
      epochs: 10,
      shuffle: "global",
    });
    const wide = await context.line(mlp, sigmoidData, "mlp-wide", {
      scale: 2,
      batches: 5,
      batchSize: 10_000,
    });
    const near = await context.line(mlp, sigmoidData, "mlp-near", {
      scale: 0.01,
      batches: 5,
      batchSize: 1000,
    });

    return {
      results: {
        linear: {
          ...estimateOf(linear, linearData),
          slice: await lineResults(bowl),
        },
        mlp: {
          finalLoss: mlp.record.result?.loss ?? null,
          wideSlice: await lineResults(wide),
          nearSlice: await lineResults(near),
        },
      },
      sections: [
        ...(await runSections(linear, "linear", LINEAR)),
        ...(await lineSections(bowl, "linear", LINEAR)),
        ...datasetSection(linearData, "linear", LINEAR),
        ...(await runSections(mlp, "mlp", SIGMOID)),
        ...(await zoomSections(near, wide, SIGMOID)),
        ...datasetSection(sigmoidData, "sigmoid", SIGMOID),
      ],
    };
  },
};
