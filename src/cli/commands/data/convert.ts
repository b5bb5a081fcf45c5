import { formatCount } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { formatBytes } from "../../../common/text/sizes.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { pickOptions, several } from "../../../common/options/options.js";
import { convertOptions } from "../../../storage/options.js";
import { facts, pathWord } from "../../terminal/output.js";

export const convertCommand: Command = defineCommand({
  name: "convert",
  describe: "Convert Parquet, Arrow or CSV files to a dataset",
  positionals: {
    source: several("Dataset, files, folders, or quoted patterns such as 'data/*.parquet'"),
  },
  options: convertOptions,
  examples: [
    {
      command: "vadi convert data/lsm --out data/lsm-parquet --format parquet",
      describe: "The same values in Parquet",
    },
    {
      command: "vadi convert houses.csv --out data/houses --target price --invalid drop",
      describe: "A CSV file with a header line",
    },
    {
      command: "vadi convert 'trips/*.parquet' --out data/trips --target fare --features km,hour",
      describe: "Two columns of many files",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { convert } = await import("../../../storage/index.js");
    const { manifest, bytes, dropped, warnings } = await convert(values.source, {
      ...pickOptions(convertOptions, values),
      out: values.out,
      signal,
      onProgress,
    });
    for (const warning of warnings) note(warning);
    const { kind, rows, features, shards, format } = manifest;
    return {
      json: { out: values.out, kind, shards: shards.length, bytes, dropped, warnings },
      rows,
      text: [
        `Wrote the dataset ${values.out}`,
        ...facts([
          ["rows", `${formatCount(rows)} × ${counted(features, "feature")} and a target`],
          ["files", `${counted(shards.length, `${format} file`)}, ${formatBytes(bytes)}`],
          ...(dropped > 0 ? [["dropped", counted(dropped, "row")] as const] : []),
        ]),
      ],
      next: `Next: vadi train ${pathWord(values.out)} --out runs/NAME`,
    };
  },
});
