import { numberAt, valueAt, type Plans } from "./lesson.js";

/** More rows, other optimisers and other machines. */
export const machine: Plans<"hundred-million" | "optimisers" | "device"> = {
  "hundred-million": {
    formula: String.raw`S = 4 N (D + 1)\,\mathrm{B} \ \gg\ M`,
    numbers: {
      rows: "options.rows",
      // float32, the features and the target.
      size: (results, { bytes }) =>
        bytes(numberAt(results, "options.rows") * (numberAt(results, "options.features") + 1) * 4),
      memory: (results, { bytes }) => bytes(numberAt(results, "peakRssBytes")),
      rate: (results, { rounded }) => rounded(numberAt(results, "trainingRowsPerSecond")),
    },
    tries: [{ options: { learningRate: 0.01 } }, { options: { format: "parquet" } }],
  },
  optimisers: {
    formula: String.raw`\begin{aligned} m &\leftarrow \mu m + g \\ w &\leftarrow w - \eta\,m \\[1ex] s &\leftarrow \alpha s + (1 - \alpha) g^2 \\ w &\leftarrow w - \frac{\eta\,g}{\sqrt{s} + \epsilon} \end{aligned}`,
    numbers: {
      sgd: "twoLayerSigmoid.sgd.finalLoss",
      momentum: "twoLayerSigmoid.momentum.finalLoss",
      rmsprop: "twoLayerSigmoid.rmsprop.finalLoss",
      adam: "twoLayerSigmoid.adam.finalLoss",
    },
    tries: [{ options: { learningRate: 0.01 } }, { options: { momentum: 0.99 } }],
  },
  device: {
    formula: String.raw`t = n \left(t_0 + \frac{c}{r}\right)`,
    numbers: {
      backends: (results) => backendsOf(results).length,
      automatic: "automatic.name",
      fastest: (results, { rounded }) =>
        rounded(Math.max(...backendsOf(results).map((one) => numberAt(one, "mlp.rowsPerSecond")))),
      difference: "largestLossDifference.mlp",
    },
    tries: [{ options: { batchSize: 1000 } }, { options: { features: 100 } }],
  },
};

function backendsOf(results: unknown): unknown[] {
  const value = valueAt(results, "backends");
  return Array.isArray(value) ? value : [];
}
