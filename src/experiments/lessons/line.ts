import { noiseVariance, stepsOf, type Plans } from "./lesson.js";

/** The linear model, fitted in four ways. */
export const line: Plans<
  "lsm-data" | "closed-form" | "gradient-descent" | "autograd" | "sgd" | "sgd-large"
> = {
  "lsm-data": {
    formula: String.raw`y = Xw + \sigma\varepsilon, \qquad X_{ij},\ w_j,\ \varepsilon_i \sim \mathcal{N}(0, 1)`,
    numbers: {
      rows: "options.rows",
      features: "options.features",
      variance: "statistics.target.variance",
      expected: "expectedVarianceOfTarget",
    },
    tries: [{ options: { noise: 1 } }, { options: { features: 2 } }],
  },
  "closed-form": {
    formula: String.raw`\hat{w} = \left(X^\top X\right)^{-1} X^\top y`,
    numbers: {
      loss: "finalLoss",
      noise: noiseVariance,
      error: "largestError",
      bound: "errorBound",
    },
    tries: [{ options: { rows: 100 } }, { options: { ridge: 10_000 } }],
  },
  "gradient-descent": {
    formula: String.raw`\hat{w} \leftarrow \hat{w} - \eta\,\frac{2}{N} X^\top \left(X\hat{w} - y\right)`,
    numbers: {
      steps: "options.epochs",
      loss: "finalLoss",
      noise: noiseVariance,
      error: "largestError",
    },
    tries: [
      { options: { learningRate: 0.1 } },
      { options: { learningRate: 0.95 } },
      { options: { learningRate: 1.1 } },
    ],
  },
  autograd: {
    figure: "distance-to-end",
    formula: String.raw`\frac{\partial L}{\partial w} = \frac{\partial L}{\partial \hat{y}} \cdot \frac{\partial \hat{y}}{\partial w}`,
    numbers: {
      difference: "largestDifferenceToExplicit",
      loss: "finalLoss",
      error: "largestError",
    },
    tries: [{ options: { learningRate: 0.1 } }, { options: { features: 50 } }],
  },
  sgd: {
    formula: String.raw`\hat{w} \leftarrow \hat{w} - \eta\,\frac{2}{|B|} \sum_{i \in B} \left(x_i^\top \hat{w} - y_i\right) x_i`,
    numbers: {
      steps: stepsOf,
      loss: "finalLoss",
      noise: noiseVariance,
      error: "largestError",
    },
    tries: [
      { options: { batchSize: 100 } },
      { options: { learningRate: 0.1 } },
      { options: { optimizer: "momentum" } },
    ],
  },
  "sgd-large": {
    formula: String.raw`\operatorname{Var}\left(\nabla L_B\right) \approx \frac{1}{|B|} \operatorname{Var}\left(\nabla L_i\right)`,
    numbers: {
      rows: "options.rows",
      steps: stepsOf,
      loss: "finalLoss",
      error: "largestError",
    },
    tries: [{ options: { learningRate: 0.01 } }, { options: { batchSize: 100_000 } }],
  },
};
