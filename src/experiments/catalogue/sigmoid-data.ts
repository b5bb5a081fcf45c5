import type { Texts } from "../../language/index.js";
import type { Dataset } from "../../stream/index.js";
import { datasetSection, factTable } from "../sections.js";
import type { DeclaredExperiment } from "../types.js";
import { distributionFigure, passOptions } from "./distribution.js";

/** A seed with the maxima 4.4 and 2.0, which neither reverse the targets nor blow them up. */
export const HEALTHY_SEED = 10;

/** The defaults of all experiments on two-layer-sigmoid data. */
export const SIGMOID_DATA = {
  rows: 100_000,
  features: 10,
  noise: 0.1,
  seed: HEALTHY_SEED,
} as const;

/** Row 12 of the notebook. */
export const sigmoidData: DeclaredExperiment = {
  name: "two-layer-sigmoid-data",
  describe: (_, { texts }) => texts.experiments.sigmoidData,
  steps: ["data"],
  defaults: SIGMOID_DATA,
  async run(context) {
    const { texts } = context.language;
    const dataset = await context.data("two-layer-sigmoid");
    const maxima = maximaOf(dataset);
    const statistics = await dataset.statistics(passOptions(context.signal));
    return {
      results: { maxima, statistics },
      sections: [
        {
          id: "target",
          title: texts.experiments.target,
          part: texts.experiments.theData,
          text: targetText(texts, maxima[1], statistics.target),
          blocks: [
            await distributionFigure(context, dataset),
            factTable(
              "maxima",
              texts.experiments.maxima,
              [
                [texts.experiments.firstLayer, maxima[0]],
                [texts.experiments.secondLayer, maxima[1]],
              ],
              texts.experiments.value,
            ),
          ],
        },
        ...datasetSection(context, dataset, "sigmoid", texts.experiments.theData),
      ],
    };
  },
};

/** What dividing by the second layer's maximum does to the targets. */
function targetText(
  texts: Texts,
  maximum: number,
  { minimum, maximum: largest }: { minimum: number; maximum: number },
): string {
  return maximum > 0
    ? texts.experiments.targetRange(minimum, largest)
    : texts.experiments.targetReversed(maximum, minimum, largest);
}

/** The maxima of both layers over all rows. */
export function maximaOf(dataset: Dataset): [number, number] {
  const { manifest } = dataset;
  if (manifest.kind !== "two-layer-sigmoid") throw new Error("Only this data has maxima.");
  return manifest.constants.maxima;
}
