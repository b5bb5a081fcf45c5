import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { required, several } from "../../../common/options/options.js";
import { datasetResult } from "./generate.js";

export const joinCommand: Command = defineCommand({
  name: "join",
  describe: "Join parts made by generate --shards to the dataset that they are parts of",
  positionals: { parts: several("Folders of the parts, in any order") },
  options: { out: required(text, "New folder of the whole dataset") },
  examples: [
    {
      command: "vadi join parts/1 parts/2 --out data/lsm",
      describe:
        "The same bytes as made whole; the parts stay (hard links on one disk, else copies)",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { joinDatasets } = await import("../../../storage/index.js");
    const joined = await joinDatasets(values.parts, values.out, { signal, onProgress });
    return datasetResult(values.out, joined, note);
  },
});
