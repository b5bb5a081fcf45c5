import { defineCommand, type Command } from "../../parse/command.js";
import { number, optional, present, text } from "../../parse/options.js";
import { facts } from "../../terminal/output.js";
import { dataOptions } from "./generate.js";

export const maximaCommand: Command = defineCommand({
  name: "maxima",
  describe: "Find the two maxima of two-layer-sigmoid data, for generate --shards",
  positionals: {},
  options: {
    rows: dataOptions.rows,
    features: dataOptions.features,
    noise: dataOptions.noise,
    seed: dataOptions.seed,
    "shard-rows": dataOptions["shard-rows"],
    workers: dataOptions.workers,
    shards: optional(text, "Look only at these shards, 0-99 or 0-3,7", "all, for both maxima"),
    "first-maximum": optional(
      number,
      "With --shards: the largest first maximum of all parts, to find the second",
    ),
  },
  examples: [
    {
      command: "vadi maxima --rows 100M --shards 0-49",
      describe: "The first maximum of one machine's half; the whole's is the largest of them",
    },
    {
      command: "vadi maxima --rows 100M --shards 0-49 --first-maximum 12.5",
      describe: "The second maximum of that half, given the whole's first",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { findMaximum } = await import("../../../storage/index.js");
    const { shards } = values;
    const found = await findMaximum(
      present({
        rows: values.rows,
        features: values.features,
        noise: values.noise,
        seed: values.seed,
        shardRows: values["shard-rows"],
        workers: values.workers,
        shards,
        firstMaximum: values["first-maximum"],
      }),
      { signal, onProgress },
    );
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
