import { counted } from "../../../common/text/plurals.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { optional, required, text } from "../../parse/options.js";
import { facts, formatNumber } from "../../terminal/output.js";
import { openGiven, tableOptions } from "../data/table-options.js";
import { trainingOptions } from "./train.js";

export const evaluateCommand: Command = defineCommand({
  name: "evaluate",
  describe: "Measure a run's model on a dataset, in one streamed pass",
  positionals: {
    run: required(text, "Folder of the run"),
    dataset: optional(text, "A dataset or table; none: the run's own"),
  },
  options: { ...tableOptions, backend: trainingOptions.backend },
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
          ["loss", `${formatNumber(loss)} (mean squared error)`],
          ["R²", rSquared === null ? "–, since the target is constant" : formatNumber(rSquared)],
        ]),
      ],
    };
  },
});
