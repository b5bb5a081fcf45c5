import type { Landscape } from "../../landscape/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Run } from "../../train/index.js";
import { estimateOf } from "../bounds/estimate.js";
import { datasetSection, lineSections, runSections, zoomSections } from "../sections.js";
import type { Context, Experiment } from "../types.js";
import { lineResults } from "./line-results.js";
import { HEALTHY_SEED } from "./sigmoid-data.js";

const LINEAR = "Linear data, linear model";
const SIGMOID = "Two-layer-sigmoid data, MLP";

/** The first command of a newcomer: every step once, in less than a minute. */
export const demo: Experiment = {
  name: "demo",
  title: "Two valleys: a convex loss and one that is not",
  describe: () =>
    "A linear model on a million rows and an MLP on data of two layers of sigmoids, both trained by SGD from disk, and the loss of single batches around the trained weights.",
  steps: [],
  defaults: {},
  async run(context) {
    const linear = await linearPart(context);
    const mlp = await mlpPart(context);
    return {
      results: {
        linear: {
          ...estimateOf(linear.run, linear.dataset),
          slice: await lineResults(linear.line),
        },
        mlp: {
          finalLoss: mlp.run.record.result?.loss ?? null,
          wideSlice: await lineResults(mlp.wide),
          nearSlice: await lineResults(mlp.near),
        },
      },
      sections: [
        ...(await runSections(context, linear.run, "linear", LINEAR, linear.surface)),
        ...(await lineSections(context, linear.line, "linear", LINEAR)),
        ...datasetSection(context, linear.dataset, "linear", LINEAR),
        ...(await runSections(context, mlp.run, "mlp", SIGMOID, mlp.surface)),
        ...(await zoomSections(context, mlp.near, mlp.wide, SIGMOID)),
        ...datasetSection(context, mlp.dataset, "sigmoid", SIGMOID),
      ],
    };
  },
};

interface Trained {
  dataset: Dataset;
  run: Run;
}

/** The plane in which a training moved most. */
const SURFACE = { along: "path", plane: true, points: [41, 41], scale: 1, batches: 5 } as const;

async function linearPart(
  context: Context,
): Promise<Trained & Record<"line" | "surface", Landscape>> {
  const dataset = await context.data("lsm", "lsm", { rows: 1_000_000 });
  const run = await context.train(dataset, "linear", {
    model: "linear",
    batchSize: 10_000,
    learningRate: 0.01,
    epochs: 5,
    shuffle: "window",
  });
  const line = await context.line(run, dataset, "linear", { scale: "auto", batches: 5 });
  return {
    dataset,
    run,
    line,
    surface: await context.line(run, dataset, "linear-surface", SURFACE),
  };
}

async function mlpPart(
  context: Context,
): Promise<Trained & Record<"wide" | "near" | "surface", Landscape>> {
  const dataset = await context.data("two-layer-sigmoid", "two-layer-sigmoid", {
    rows: 200_000,
    seed: HEALTHY_SEED,
  });
  const run = await context.train(dataset, "mlp", {
    model: "mlp",
    batchSize: 1000,
    learningRate: 0.1,
    epochs: 10,
    shuffle: "global",
  });
  const wideOptions = { scale: "auto", batches: 5, batchSize: 10_000 } as const;
  const nearOptions = { scale: 0.01, batches: 5, batchSize: 1000 };
  return {
    dataset,
    run,
    wide: await context.line(run, dataset, "mlp-wide", wideOptions),
    near: await context.line(run, dataset, "mlp-near", nearOptions),
    surface: await context.line(run, dataset, "mlp-surface", SURFACE),
  };
}
