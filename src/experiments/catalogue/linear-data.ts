import { trueWeightsOf, noiseOf } from "../bounds/numbers.js";
import { datasetSection, factTable } from "../sections.js";
import type { DeclaredExperiment } from "../types.js";
import { distributionFigure, passOptions } from "./distribution.js";

/** The defaults of the experiments on linear data. */
export const LINEAR_DATA = { rows: 10_000, features: 10, noise: 0.1, seed: 42 } as const;

/** Row 1 of the notebook. */
export const linearData: DeclaredExperiment = {
  name: "lsm-data",
  describe: (_, { texts }) => texts.experiments.linearData,
  steps: ["data"],
  defaults: LINEAR_DATA,
  async run(context) {
    const { texts } = context.language;
    const dataset = await context.data("lsm");
    const statistics = await dataset.statistics(passOptions(context.signal));
    const truth = trueWeightsOf(dataset);
    // Var y = |w|² + noise², since the features are independent with variance 1.
    const expected = truth.reduce((sum, w) => sum + w * w, 0) + noiseOf(dataset) ** 2;
    return {
      results: { trueWeights: truth, statistics, expectedVarianceOfTarget: expected },
      sections: [
        {
          id: "target",
          title: texts.experiments.target,
          part: texts.experiments.theData,
          text: texts.experiments.targetIsNormal,
          blocks: [
            await distributionFigure(context, dataset, { mean: 0, variance: expected }),
            factTable(
              "weights",
              texts.experiments.trueWeights,
              truth.map((w, index) => [`w${index}`, w]),
              texts.experiments.value,
            ),
          ],
        },
        ...datasetSection(context, dataset, "lsm", texts.experiments.theData),
      ],
    };
  },
};
