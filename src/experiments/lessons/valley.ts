import { noiseVariance, numberAt, numbersAt, valueAt, type Plans, type Results } from "./lesson.js";

/** Surfaces, cuts through them, and slices of the loss of the linear model. */
export const valley: Plans<
  "paraboloid" | "walk" | "slice-random" | "slice-optimum" | "batches-overlaid"
> = {
  paraboloid: {
    formula: String.raw`z = x^2 + y^2, \qquad x + y = 0 \ \Rightarrow\ z = 2x^2`,
    numbers: {
      points: (results) => listAt(results, "cut").length,
      lowest: "lowest",
      rim: (results) => numberAt(listAt(results, "cut")[0], "z"),
    },
    tries: [
      { name: "slice-optimum", options: { features: 2, scale: 10 } },
      { name: "slice-optimum", options: { features: 2, scale: 10, seed: 7 } },
    ],
  },
  walk: {
    formula: String.raw`p_i = p_0 + \frac{i}{100}\left(p_1 - p_0\right), \qquad z_i = \lVert p_i \rVert^2`,
    numbers: {
      start: (results) => numbersAt(results, "heights")[0],
      lowestStep: "lowestStep",
      lowest: "lowestHeight",
      last: (results) => numbersAt(results, "heights").at(-1),
    },
    tries: [
      { name: "slice-random", options: { scale: 1 } },
      { name: "slice-random", options: { scale: 1, seed: 7 } },
    ],
  },
  "slice-random": {
    formula: String.raw`\ell(\alpha) = L\left((1 - \alpha)\,w_0 + \alpha\,w_1\right)`,
    numbers: {
      first: (results) => numbersAt(results, "meanLosses")[0],
      last: (results) => numbersAt(results, "meanLosses").at(-1),
      lowestAt: "lowestOfMean.alpha",
      noise: noiseVariance,
    },
    tries: [{ options: { seed: 7 } }, { options: { scale: 1 } }],
  },
  "slice-optimum": {
    formula: String.raw`\ell(\alpha) = L(\hat{w} + \alpha v) = L(\hat{w}) + \frac{\alpha^2}{N} \lVert Xv \rVert^2`,
    numbers: {
      lowestAt: "lowestOfMean.alpha",
      lowest: "lowestOfMean.loss",
      end: (results) => numbersAt(results, "meanLosses")[0],
      noise: noiseVariance,
    },
    tries: [{ options: { scale: 1 } }, { options: { rows: 100 } }, { options: { scale: "auto" } }],
  },
  "batches-overlaid": {
    formula: String.raw`\ell_B(\alpha) = \frac{1}{|B|} \sum_{i \in B} \left(x_i^\top (\hat{w} + \alpha v) - y_i\right)^2`,
    numbers: {
      batches: (results) => listAt(results, "lowestOfBatches").length,
      lowest: "lowestOfMean.loss",
      apart: (results) => spread(results, "alpha"),
      heights: (results) => spread(results, "loss"),
    },
    tries: [
      { options: { batchSize: 50, scale: 0.1 } },
      { options: { scale: "auto" } },
      { options: { batches: "all" } },
    ],
  },
};

function listAt(results: Results, path: string): readonly unknown[] {
  const value = valueAt(results, path);
  return Array.isArray(value) ? value : [];
}

/** How far apart the lowest points of the batches are. */
function spread(results: Results, of: "alpha" | "loss"): number {
  const values = listAt(results, "lowestOfBatches").map((one) => numberAt(one, of));
  return Math.max(...values) - Math.min(...values);
}
