import { formatNumber } from "../../common/text/numbers.js";
import type { Dataset } from "../../stream/index.js";
import { datasetSection, factTable } from "../sections.js";
import type { Experiment } from "../types.js";
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
export const sigmoidData: Experiment = {
  name: "two-layer-sigmoid-data",
  title: "The two-layer-sigmoid data",
  describe: () => "Targets from two layers of sigmoids, each divided by its maximum over all rows.",
  steps: ["data"],
  defaults: SIGMOID_DATA,
  async run(context) {
    const dataset = await context.data("two-layer-sigmoid");
    const maxima = maximaOf(dataset);
    const statistics = await dataset.statistics(passOptions(context.signal));
    return {
      results: { maxima, statistics },
      sections: [
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
        ...datasetSection(context, dataset, "sigmoid", "The data"),
      ],
    };
  },
};

/** What dividing by the second layer's maximum does to the targets. */
function targetText(
  maximum: number,
  { minimum, maximum: largest }: { minimum: number; maximum: number },
): string {
  const range = `The targets run from ${formatNumber(minimum)} to ${formatNumber(largest)}.`;
  return maximum > 0
    ? `Dividing by the largest value over all rows makes that value 1. ${range}`
    : `The largest value over all rows is negative, ${formatNumber(maximum)}: dividing by it reverses the order and makes that value 1, the smallest target. ${range}`;
}

/** The maxima of both layers over all rows. */
export function maximaOf(dataset: Dataset): [number, number] {
  const { manifest } = dataset;
  if (manifest.kind !== "two-layer-sigmoid") throw new Error("Only this data has maxima.");
  return manifest.constants.maxima;
}
