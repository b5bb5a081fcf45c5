import { trueWeightsOf, noiseOf } from "../bounds/numbers.js";
import { datasetSection, factTable } from "../sections.js";
import type { Experiment } from "../types.js";
import { distributionFigure, passOptions } from "./distribution.js";

/** The defaults of the experiments on linear data. */
export const LINEAR_DATA = { rows: 10_000, features: 10, noise: 0.1, seed: 42 } as const;

/** Row 1 of the notebook. */
export const linearData: Experiment = {
  name: "lsm-data",
  title: "Linear data with noise",
  describe: () => "y = Xw + noise with X and w standard normal: the data of the convex problem.",
  steps: ["data"],
  defaults: LINEAR_DATA,
  async run(context) {
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
          title: "The target",
          part: "The data",
          text: "A sum of independent normals is normal. Its variance is |w|² plus the variance of the noise.",
          blocks: [
            await distributionFigure(dataset, context.signal, { mean: 0, variance: expected }),
            factTable(
              "weights",
              "True weights",
              truth.map((w, index) => [`w${index}`, w]),
            ),
          ],
        },
        ...datasetSection(context, dataset, "lsm", "The data"),
      ],
    };
  },
};
