import type { DeclaredExperiment } from "../types.js";
import { trainAndSlice } from "./slices.js";

/** Row 16 of the notebook: more rows than fit into memory. */
export const hundredMillion: DeclaredExperiment = {
  name: "hundred-million",
  describe: ({ rows, epochs }, { texts }) =>
    texts.experiments.hundredMillion(Number(rows), Number(epochs)),
  steps: ["data", "training", "line"],
  fixed: ["model"],
  defaults: {
    rows: 100_000_000,
    features: 10,
    noise: 0.1,
    seed: 42,
    batchSize: 10_000,
    learningRate: 0.001,
    epochs: 1,
    shuffle: "window",
    batches: 5,
    // The notebook names no scale for this line.
    scale: "auto",
  },
  quick: { rows: 10_000_000 },
  run: trainAndSlice,
};
