import { countedExactly } from "../../common/text/plurals.js";
import type { Experiment } from "../types.js";
import { trainAndSlice } from "./slices.js";

/** Row 16 of the notebook: more rows than fit into memory. */
export const hundredMillion: Experiment = {
  name: "hundred-million",
  title: "Training and slices streamed from disk",
  describe: ({ rows, epochs }) =>
    `Generate ${countedExactly(Number(rows), "row")}, train ${countedExactly(Number(epochs), "epoch")} on them and slice the loss, in bounded memory.`,
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
  },
  quick: { rows: 10_000_000 },
  run: trainAndSlice,
};
