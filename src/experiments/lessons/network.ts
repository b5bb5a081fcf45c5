import { numberAt, numbersAt, type Plans } from "./lesson.js";

/** The network and its data. */
export const network: Plans<
  "two-layer-sigmoid-data" | "mlp" | "mlp-batches-overlaid" | "mlp-zoom" | "non-convexity"
> = {
  "two-layer-sigmoid-data": {
    formula: String.raw`\begin{aligned} a &= \sigma(X)\,W_1 + \nu\varepsilon, & a &\leftarrow \frac{a}{\max a} - \tfrac{1}{2} \\ y &= \sigma(a)\,w_2 + \nu\varepsilon', & y &\leftarrow \frac{y}{\max y} \end{aligned}`,
    numbers: {
      first: "maxima.0",
      second: "maxima.1",
      mean: "statistics.target.mean",
      variance: "statistics.target.variance",
    },
    tries: [{ options: { noise: 0 } }, { options: { seed: 3 } }],
  },
  mlp: {
    figure: "predictions",
    formula: String.raw`\hat{y} = w_3^\top \operatorname{ReLU}\left(W_2^\top \operatorname{ReLU}\left(W_1^\top x\right)\right)`,
    numbers: {
      epochs: "options.epochs",
      loss: "finalLoss",
      variance: "varianceOfTarget",
    },
    tries: [
      { options: { learningRate: 0.1 } },
      { options: { optimizer: "adam" } },
      { options: { model: "mlp:200", learningRate: 0.01 } },
    ],
  },
  "mlp-batches-overlaid": {
    formula: String.raw`\ell_B(\alpha) = L_B\left(W_1 + \alpha V_1,\ W_2 + \alpha V_2,\ w_3 + \alpha v_3\right)`,
    numbers: {
      far: (results) => numbersAt(results, "meanLosses")[0],
      lowestAt: "lowestOfMean.alpha",
      lowest: "lowestOfMean.loss",
      trained: "finalLoss",
    },
    tries: [
      { options: { scale: "auto" } },
      { options: { along: "path", scale: 1 } },
      { options: { batchSize: 100, scale: 0.1 } },
    ],
  },
  "mlp-zoom": {
    formula: String.raw`|\alpha| \le s \quad \subset \quad |\alpha| \le 200\,s`,
    numbers: {
      lowestAt: "lowestOfMean.alpha",
      lowest: "lowestOfMean.loss",
      highest: (results) => Math.max(...numbersAt(results, "meanLosses")),
      trained: "finalLoss",
    },
    tries: [
      { options: { scale: 0.1 } },
      { options: { along: "gradient" } },
      { options: { learningRate: 0.1 } },
    ],
  },
  "non-convexity": {
    formula: String.raw`L\left(\frac{u + v}{2}\right) > \frac{L(u) + L(v)}{2}`,
    numbers: {
      least: "curvature.eigenvalue",
      largest: "curvature.largest",
      barrier: (results) => numberAt(results, "permutation.excess"),
    },
    tries: [{ options: { epochs: 5 } }, { options: { noise: 0 } }],
  },
};
