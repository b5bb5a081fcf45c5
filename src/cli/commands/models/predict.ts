import { predictOptions } from "../../../train/options.js";
import { tableOptions } from "../../../storage/options.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { pickOptions, required } from "../../../common/options/options.js";
import { facts, shownPath } from "../../terminal/output.js";

export const predictCommand: Command = defineCommand({
  name: "predict",
  describe: "Write a table's rows with a run's predictions",
  positionals: {
    run: required(text, "Folder of the run"),
    source: required(text, "A dataset or table"),
  },
  options: { ...predictOptions, ...tableOptions },
  examples: [
    {
      command: "vadi predict runs/linear data/lsm --out predictions",
      describe: "Columns x0 …, y and prediction",
    },
  ],
  async run(values, context) {
    const { signal, onProgress, note } = context;
    const { out, format, backend } = values;
    const { openForRun, writePredictions } = await import("../../../train/index.js");
    const opened = await openForRun(values.run, values.source, {
      ...pickOptions(tableOptions, values),
      signal,
      onProgress,
    });
    for (const warning of opened.warnings) note(warning);
    const { dataset, hasTarget } = opened;
    const options = { out, format, backend, hasTarget, signal, onProgress };
    const { file, rows } = await writePredictions(values.run, dataset, options).finally(
      opened.close,
    );
    return {
      json: { out, file },
      rows,
      text: [`Wrote the predictions of ${values.run}`, ...facts([["file", shownPath(file)]])],
    };
  },
});
