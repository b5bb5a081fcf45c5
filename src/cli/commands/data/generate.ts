import { formatCount } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { quote } from "../../../common/text/quote.js";
import { formatBytes } from "../../../common/text/sizes.js";
import { usageError } from "../../../common/errors.js";
import type { WrittenDataset, WrittenPart } from "../../../storage/index.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import {
  choice,
  count,
  flag,
  present,
  number,
  optional,
  required,
  text,
  withDefault,
  type Option,
} from "../../parse/options.js";
import { facts, pathWord } from "../../terminal/output.js";

/** What a dataset is made of, for `generate` and for the experiments. */
export const dataOptions: {
  rows: Option<number>;
  features: Option<number>;
  noise: Option<number>;
  seed: Option<number>;
  format: Option<"arrow" | "parquet">;
  compression: Option<"none" | "snappy" | "zstd">;
  "shard-rows": Option<number | undefined>;
  workers: Option<number | undefined>;
} = {
  rows: withDefault(count, "1M", "Rows of the dataset, as 100M, 1e8 or 100_000_000"),
  features: withDefault(count, "10", "Features a row, D"),
  noise: withDefault(number, "0.1", "Standard deviation of the noise"),
  seed: withDefault(count, "42", "Seed; the same seed gives the same bytes"),
  format: withDefault(choice(["arrow", "parquet"]), "arrow", "File format: arrow or parquet"),
  compression: withDefault(
    choice(["none", "snappy", "zstd"]),
    "none",
    "Compression of Parquet: none, snappy or zstd",
  ),
  "shard-rows": optional(count, "Rows a file", "1M, fewer where a file would pass 256 MiB"),
  workers: optional(count, "Worker threads", "one a core"),
};

/** The two maxima of two-layer-sigmoid data: A,B, or the folder where they are written down. */
const maximaOrFolder: { parse: (text: string, option: string) => [number, number] | string } = {
  parse: (given, option) => {
    const isNumeric = given.includes(",") || Number.isFinite(Number(given));
    if (!isNumeric || /[/\\]/.test(given)) return given;
    const [first, second, ...more] = given.split(",");
    if (first === undefined || second === undefined || more.length > 0) {
      throw usageError(
        `${option} must be two numbers A,B as 'vadi maxima' prints them, or the folder of a part or dataset that has them, not ${quote(given)}.`,
      );
    }
    return [number.parse(first, option), number.parse(second, option)];
  },
};

export const generateCommand: Command = defineCommand({
  name: "generate",
  describe: "Write a synthetic dataset to sharded Arrow or Parquet files",
  positionals: {
    kind: required(
      choice(["lsm", "two-layer-sigmoid"]),
      "lsm (linear: y = Xw + noise) or two-layer-sigmoid (non-convex)",
    ),
  },
  options: {
    out: required(text, "Folder to write the dataset to"),
    ...dataOptions,
    shards: optional(text, "Make only these files, 0-99 or 0-3,7: a part to join", "all"),
    maxima: optional(
      maximaOrFolder,
      "With --shards, two-layer-sigmoid: the folder of another part, or A,B from vadi maxima",
      "found in all rows",
    ),
    resume: flag("Continue a generation that was interrupted"),
    force: flag("Replace a dataset that is there already"),
  },
  examples: [
    {
      command: "vadi generate lsm --out data/lsm --rows 100M",
      describe: "A hundred million rows for the linear model",
    },
    {
      command: "vadi generate two-layer-sigmoid --out data/sigmoid --format parquet",
      describe: "A non-linear target, in Parquet",
    },
    {
      command: "vadi generate lsm --out parts/1 --rows 100M --shards 0-49",
      describe: "One machine's half of a dataset, for vadi join",
    },
    {
      command:
        "vadi generate two-layer-sigmoid --out parts/2 --rows 100M --shards 50-99 --maxima parts/1",
      describe: "Another half, with the maxima that the first has found",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { writeDataset, writePart } = await import("../../../storage/index.js");
    const { out, shards, maxima } = values;
    const spec = present({
      kind: values.kind,
      out,
      rows: values.rows,
      features: values.features,
      noise: values.noise,
      seed: values.seed,
      format: values.format,
      compression: values.compression,
      shardRows: values["shard-rows"],
      workers: values.workers,
      resume: values.resume,
      force: values.force,
    });
    if (shards === undefined) {
      if (maxima !== undefined) {
        throw usageError("--maxima is for --shards; a whole dataset finds its own maxima.");
      }
      const written = await writeDataset(spec, { signal, onProgress });
      return datasetResult(out, written, note);
    }
    const part = { ...spec, shards, ...(maxima !== undefined && { maxima }) };
    const written = await writePart(part, { signal, onProgress });
    return partResult(out, values.kind, shards, written, note);
  },
});

/** What is said of a dataset that is whole. */
export function datasetResult(
  out: string,
  { manifest, bytes, warnings }: WrittenDataset,
  note: (sentence: string) => void,
): CommandResult {
  for (const warning of warnings) note(warning);
  const { kind, rows, features, shards, format } = manifest;
  const maxima = manifest.kind === "two-layer-sigmoid" ? manifest.constants.maxima : undefined;
  return {
    json: {
      out,
      kind,
      shards: shards.length,
      bytes,
      ...(maxima !== undefined && { maxima }),
      warnings,
    },
    rows,
    text: [
      `Wrote the ${kind} dataset ${out}`,
      ...facts([
        ["rows", `${formatCount(rows)} × ${counted(features, "feature")} and a target`],
        ["files", `${counted(shards.length, `${format} file`)}, ${formatBytes(bytes)}`],
        ["noise", `${manifest.noise}`],
        ["seed", `${manifest.seed}`],
        ...(maxima === undefined ? [] : [["maxima", maxima.join(", ")] as const]),
      ]),
    ],
    next: `Next: vadi train ${pathWord(out)} --out runs/NAME`,
  };
}

/** What is said of a part of a dataset. */
function partResult(
  out: string,
  kind: string,
  shards: string,
  { shards: made, rows, bytes, maxima, warnings }: WrittenPart,
  note: (sentence: string) => void,
): CommandResult {
  for (const warning of warnings) note(warning);
  return {
    json: {
      out,
      kind,
      shards: made.length,
      bytes,
      part: shards,
      ...(maxima !== undefined && { maxima }),
      warnings,
    },
    rows,
    text: [
      `Wrote a part of the ${kind} dataset to ${out}`,
      ...facts([
        ["shards", `${shards} (${made.length}, ${formatBytes(bytes)})`],
        ["rows", formatCount(rows)],
        ...(maxima === undefined
          ? []
          : [["maxima", `${maxima.join(", ")} (other parts: --maxima ${pathWord(out)})`] as const]),
      ]),
    ],
    next: `Next, with all parts: vadi join ${pathWord(out)} … --out DIR`,
  };
}
