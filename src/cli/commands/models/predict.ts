import { defineCommand, type Command } from "../../parse/command.js";
import { choice, required, text, withDefault } from "../../parse/options.js";
import { facts, shownPath } from "../../terminal/output.js";
import { openGiven, tableOptions } from "../data/table-options.js";
import { trainingOptions } from "./train.js";

export const predictCommand: Command = defineCommand({
  name: "predict",
  describe: "Write a table's rows with a run's predictions beside them",
  positionals: {
    run: required(text, "Folder of the run"),
    source: required(text, "A dataset or table"),
  },
  options: {
    out: required(text, "Folder to write predictions.parquet or .arrow to"),
    format: withDefault(choice(["arrow", "parquet"]), "parquet", "File format: arrow or parquet"),
    ...tableOptions,
    backend: trainingOptions.backend,
  },
  examples: [
    {
      command: "vadi predict runs/linear data/lsm --out predictions",
      describe: "Columns x0 …, y and prediction",
    },
  ],
  async run(values, context) {
    const { signal, onProgress } = context;
    const { out, format, backend } = values;
    const [dataset, { writePredictions }] = await Promise.all([
      openGiven(values.source, values, context),
      import("../../../train/index.js"),
    ]);
    const options = { out, format, backend, signal, onProgress };
    const { file, rows } = await writePredictions(values.run, dataset, options);
    return {
      json: { out, file },
      rows,
      text: [`Predicted by ${values.run}`, ...facts([["file", shownPath(file)]])],
    };
  },
});
