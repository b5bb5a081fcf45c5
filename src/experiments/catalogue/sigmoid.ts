import type { Language } from "../../language/index.js";
import type { Landscape } from "../../landscape/index.js";
import { hasStandardizedTarget, lossUnits } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Run } from "../../train/index.js";
import { passOptions } from "./distribution.js";
import { datasetSection, lineSections, runSections, zoomSections } from "../sections.js";
import { lineResults, linesText, NOTEBOOK_GRID } from "./line-results.js";
import { maximaOf, SIGMOID_DATA } from "./sigmoid-data.js";
import type { DeclaredExperiment, Context } from "../types.js";

/** Rows 13 to 15 of the notebook: the MLP on the two-layer-sigmoid data. */

const TRAINING = {
  model: "mlp",
  batchSize: 10_000,
  learningRate: 0.001,
  epochs: 2000,
  shuffle: "global",
} as const;
const QUICK = { epochs: 200 } as const;

async function trainMlp(
  context: Context,
): Promise<{ dataset: Dataset; run: Run; results: Record<string, unknown> }> {
  const dataset = await context.data("two-layer-sigmoid");
  const run = await context.train(dataset, "mlp");
  const { variance } = (await dataset.statistics(passOptions(context.signal))).target;
  const results = {
    maxima: maximaOf(dataset),
    finalLoss: run.record.result?.loss ?? null,
    // The loss of the best constant prediction.
    varianceOfTarget: variance / (run.record.standardize?.target?.scale ?? 1) ** 2,
    lossUnits: lossUnits(hasStandardizedTarget(run.record)),
  };
  return { dataset, run, results };
}

/** `The model mlp, trained by sgd for 2,000 epochs in batches of 10,000 rows.` */
function trainingText(options: DeclaredExperiment["defaults"], { texts }: Language): string {
  const { model, optimizer = "sgd", epochs, batchSize } = options;
  return texts.experiments.mlpTraining(
    String(model),
    String(optimizer),
    Number(epochs),
    Number(batchSize),
  );
}

const mlp: DeclaredExperiment = {
  name: "mlp",
  describe: trainingText,
  steps: ["data", "training"],
  defaults: { ...SIGMOID_DATA, ...TRAINING },
  quick: QUICK,
  async run(context) {
    const { dataset, run, results } = await trainMlp(context);
    return {
      results,
      sections: [
        ...(await runSections(context, run, "mlp", context.language.texts.experiments.theTraining)),
        ...datasetSection(context, dataset, "sigmoid", context.language.texts.experiments.theData),
      ],
    };
  },
};

/** The width of the view beside a zoom, in widths of the zoom. */
const WIDER = 200;

/** Slices of the trained MLP along ± scale·N(0,1) of every layer. */
function overlay(name: string, scale: number, isZoom = false): DeclaredExperiment {
  return {
    name,
    describe: (options, language) =>
      `${trainingText(options, language)} ${linesText(options, language)}`,
    steps: ["data", "training", "line"],
    defaults: {
      ...SIGMOID_DATA,
      ...TRAINING,
      ...NOTEBOOK_GRID,
      along: "random",
      scale,
      batches: 5,
    },
    quick: QUICK,
    async run(context) {
      const { dataset, run, results } = await trainMlp(context);
      const made: Landscape = await context.line(run, dataset, "batches");
      // A zoom is shown beside a wide view of the same line. A line between two random points has no wide view.
      const slices =
        isZoom && made.record.along !== "random-points"
          ? await zoomSections(
              context,
              made,
              await context.line(run, dataset, "wide", { scale: WIDER * made.record.scale }),
              context.language.texts.experiments.theSlices,
            )
          : await lineSections(
              context,
              made,
              "batches",
              context.language.texts.experiments.theSlices,
            );
      return {
        results: { ...results, ...(await lineResults(made)) },
        sections: [
          ...slices,
          ...(await runSections(
            context,
            run,
            "mlp",
            context.language.texts.experiments.theTraining,
          )),
          ...datasetSection(
            context,
            dataset,
            "sigmoid",
            context.language.texts.experiments.theData,
          ),
        ],
      };
    },
  };
}

export const sigmoidExperiments: readonly DeclaredExperiment[] = [
  mlp,
  overlay("mlp-batches-overlaid", 2),
  overlay("mlp-zoom", 0.01, true),
];
