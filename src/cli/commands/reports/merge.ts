import { defineCommand, type Command } from "../../parse/command.js";
import { several } from "../../../common/options/options.js";
import { mergeOptions } from "../../../landscape/options.js";
import { pathWord } from "../../terminal/output.js";

export const mergeCommand: Command = defineCommand({
  name: "merge",
  describe: "Merge landscapes of different batches",
  positionals: { landscapes: several("Folders of the landscapes, in any order") },
  options: {
    out: mergeOptions.out,
    force: mergeOptions.force,
  },
  examples: [
    {
      command: "vadi merge parts/1 parts/2 --out merged",
      describe: "The same numbers as from one computation; parts differ in --batches only",
    },
  ],
  async run(values, { signal }) {
    const { mergeLandscapes } = await import("../../../landscape/index.js");
    const { record } = await mergeLandscapes(values.landscapes, {
      out: values.out,
      force: values.force,
      signal,
    });
    const points = record.alphas.length * (record.betas?.length ?? 1);
    const batches = record.batches.length;
    return {
      json: { out: values.out, points, batches, rowPointsPerSecond: record.rowPointsPerSecond },
      rows: record.rows,
      text: [
        `Put ${values.landscapes.length} landscapes together, ${batches} batches: ${values.out}`,
      ],
      next: `Next: vadi report ${pathWord(values.out)}`,
    };
  },
});
