import { defineCommand, type Command } from "../../parse/command.js";
import { maximaOptions } from "../../../storage/options.js";
import { facts } from "../../terminal/output.js";

export const maximaCommand: Command = defineCommand({
  name: "maxima",
  describe: "Find the maxima of two-layer-sigmoid data",
  positionals: {},
  options: maximaOptions,
  examples: [
    {
      command: "vadi maxima --rows 100M --shards 0-49",
      describe: "One machine's half: the first maximum over all rows is the largest of both",
    },
    {
      command: "vadi maxima --rows 100M --shards 0-49 --first-maximum 12.5",
      describe: "Then the second maximum of that half, given the first over all rows",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { findMaximum } = await import("../../../storage/index.js");
    const { shards } = values;
    const found = await findMaximum(values, { signal, onProgress });
    for (const warning of found.warnings) note(warning);
    const { first, second, rows } = found;
    const where = shards === undefined ? "all rows" : `shards ${shards}`;
    const largest = "with the largest number that any part gives";
    const next =
      shards === undefined
        ? `Next: vadi generate two-layer-sigmoid … --shards … --maxima ${first},${second}`
        : first !== undefined
          ? `Next: vadi maxima … --first-maximum A, ${largest} as A`
          : `Next: vadi generate two-layer-sigmoid … --shards … --maxima A,B, ${largest} as B`;
    return {
      json: {
        ...(shards !== undefined && { shards }),
        ...(first !== undefined && { firstMaximum: first }),
        ...(second !== undefined && { secondMaximum: second }),
        warnings: found.warnings,
      },
      rows,
      text: [
        `Over ${where}:`,
        ...facts([
          ...(first === undefined ? [] : [["first maximum", String(first)] as const]),
          ...(second === undefined ? [] : [["second maximum", String(second)] as const]),
        ]),
      ],
      next,
    };
  },
});
