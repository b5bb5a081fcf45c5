import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { required, several } from "../../../common/options/options.js";
import { datasetResult } from "./generate.js";

export const joinCommand: Command = defineCommand({
  name: "join",
  describe: "Join the parts of a dataset that several machines generated",
  positionals: { parts: several("Folders of the parts, in any order") },
  options: { out: required(text, "New folder for the dataset") },
  examples: [
    {
      command: "vadi join parts/1 parts/2 --out data/lsm",
      describe: "The same bytes as from one machine; hard links on one disk, else copies",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { joinDatasets } = await import("../../../storage/index.js");
    const joined = await joinDatasets(values.parts, values.out, { signal, onProgress });
    return datasetResult(values.out, joined, note);
  },
});
