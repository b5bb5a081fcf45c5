import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { required, several } from "../../../common/options/options.js";
import { failure } from "../../../common/errors.js";
import { joinOptions } from "../../../storage/options.js";
import { mergeResults } from "../tasks/merge-results.js";
import { datasetResult } from "./generate.js";

export const joinCommand: Command = defineCommand({
  name: "join",
  describe: "Join the parts of a dataset that several machines generated",
  positionals: {
    parts: several("Folders of the parts in any order, or that of vadi task's results"),
  },
  options: { out: required(text, "New folder for the dataset"), ...joinOptions },
  examples: [
    {
      command: "vadi join parts/1 parts/2 --out data/whole",
      describe: "The same bytes as from one machine; hard links on one disk, else copies",
    },
    {
      command: "vadi join data/large.parts --out data/large",
      describe: "The results of the tasks of vadi plan generate",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { check } = values;
    const options = { check, signal, onProgress };
    const merged = await mergeResults(values.parts, { out: values.out, ...options });
    if (merged?.job === "generate") return datasetResult(values.out, merged.dataset, note);
    if (merged !== undefined) throw failure(`${values.parts[0]} has no results of generate tasks.`);
    const { joinDatasets } = await import("../../../storage/index.js");
    const joined = await joinDatasets(values.parts, values.out, options);
    return datasetResult(values.out, joined, note);
  },
});
