import { formatCount } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { formatBytes } from "../../../common/text/sizes.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { flag, pickOptions, several } from "../../../common/options/options.js";
import { convertOptions } from "../../../storage/options.js";
import { facts, pathWord } from "../../terminal/output.js";

export const convertCommand: Command = defineCommand({
  name: "convert",
  describe: "Convert a table of any kind to a dataset",
  positionals: {
    source: several(
      "Dataset, files, folders, quoted patterns such as 'data/*.parquet', or a table FILE.duckdb#TABLE",
    ),
  },
  options: {
    ...convertOptions,
    dryRun: flag("Print the query that would make the rows, and stop"),
  },
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
      command:
        "vadi convert trips.csv.gz --target fare --categorical payment --impute median --out data/trips",
      describe: "Texts and gaps; --dry-run prints the SQL",
    },
    {
      command:
        'vadi convert trips.parquet --query "SELECT km, fare FROM source" --target fare --out data/fares',
      describe: "The rows of a query",
    },
    {
      command:
        "vadi convert 'trips/*.parquet' --out data/years --target fare --features km,minutes --invalid drop",
      describe: "Some columns of many files; rows with gaps are left out",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { convert, planConversion } = await import("../../../storage/index.js");
    if (values.dryRun === true) {
      const plan = await planConversion(values.source, {
        ...pickOptions(convertOptions, values),
        signal,
        onProgress,
      });
      for (const warning of plan.warnings) note(warning);
      return { json: plan, text: [plan.query] };
    }
    const { manifest, bytes, dropped, warnings } = await convert(values.source, {
      ...pickOptions(convertOptions, values),
      out: values.out,
      signal,
      onProgress,
    });
    for (const warning of warnings) note(warning);
    const { kind, rows, features, shards, format } = manifest;
    return {
      json: {
        out: values.out,
        kind,
        shards: shards.length,
        bytes,
        dropped,
        warnings,
        ...(manifest.kind === "table" && {
          columns: manifest.columns,
          query: manifest.source.query ?? null,
        }),
      },
      rows,
      text: [
        `Wrote the dataset ${values.out}`,
        ...facts([
          ["rows", `${formatCount(rows)} × ${counted(features, "feature")} and a target`],
          ["files", `${counted(shards.length, `${format} file`)}, ${formatBytes(bytes)}`],
          ...(dropped > 0 ? [["dropped", counted(dropped, "row")] as const] : []),
        ]),
      ],
      next: `Next: vadi train ${pathWord(values.out)}${manifest.kind === "table" ? trainingOf(rows) : ""} --out runs/NAME`,
    };
  },
});

/** Options that train a linear model well on most tables, in about a thousand steps. */
function trainingOf(rows: number): string {
  const batchSize = Math.max(10, Math.min(10_000, 10 ** Math.floor(Math.log10(rows / 100))));
  const epochs = Math.max(1, Math.min(20, Math.round((1000 * batchSize) / rows)));
  return ` --standardize --validation 0.1 --optimizer adam --learning-rate 0.01 --batch-size ${batchSize} --epochs ${epochs}`;
}
