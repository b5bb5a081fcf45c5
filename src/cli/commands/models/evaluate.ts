import { plainNumber } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { backendOptions } from "../../../backend/options.js";
import { tableOptions } from "../../../storage/options.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { optional, required } from "../../../common/options/options.js";
import { facts } from "../../terminal/output.js";
import { openGiven } from "../data/open-given.js";

export const evaluateCommand: Command = defineCommand({
  name: "evaluate",
  describe: "Measure the loss of a run's model on a dataset",
  positionals: {
    run: required(text, "Folder of the run"),
    dataset: optional(text, "A dataset or table; none: the run's own"),
  },
  options: { ...tableOptions, ...backendOptions },
  examples: [
    { command: "vadi evaluate runs/linear", describe: "On the rows it was trained on" },
    { command: "vadi evaluate runs/linear data/other", describe: "On others" },
  ],
  async run(values, context) {
    const { signal, onProgress } = context;
    const [dataset, { evaluate }] = await Promise.all([
      values.dataset === undefined ? undefined : openGiven(values.dataset, values, context),
      import("../../../train/index.js"),
    ]);
    const options = { backend: values.backend, signal, onProgress };
    const { loss, rSquared, rows } = await evaluate(values.run, dataset, options);
    return {
      json: { loss, rSquared },
      rows,
      text: [
        `Evaluated ${values.run} on ${counted(rows, "row")}`,
        ...facts([
          ["loss", `${plainNumber(loss)} (mean squared error)`],
          ["R²", rSquared === null ? "–, since the target is constant" : plainNumber(rSquared)],
        ]),
      ],
    };
  },
});
