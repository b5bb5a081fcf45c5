import type { Landscape } from "../../landscape/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Run } from "../../train/index.js";
import { estimateOf } from "../bounds/estimate.js";
import { datasetSection, lineSections, runSections, zoomSections } from "../sections.js";
import type { Context, DeclaredExperiment } from "../types.js";
import { lineResults } from "./line-results.js";
import { HEALTHY_SEED } from "./sigmoid-data.js";

/** The first command of a newcomer: every step once, in less than a minute. */
export const demo: DeclaredExperiment = {
  name: "demo",
  describe: (_, { texts }) => texts.experiments.demoText,
  steps: [],
  defaults: {},
  async run(context) {
    const { texts } = context.language;
    const linearTitle = texts.experiments.linearPart;
    const sigmoidTitle = texts.experiments.sigmoidPart;
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
        ...(await runSections(context, linear.run, "linear", linearTitle, linear.surface)),
        ...(await lineSections(context, linear.line, "linear", linearTitle)),
        ...datasetSection(context, linear.dataset, "linear", linearTitle),
        ...(await runSections(context, mlp.run, "mlp", sigmoidTitle, mlp.surface)),
        ...(await zoomSections(context, mlp.near, mlp.wide, sigmoidTitle)),
        ...datasetSection(context, mlp.dataset, "sigmoid", sigmoidTitle),
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
