import { formatBytes, formatCount } from "../../common/counts.js";
import { defineCommand, type Command } from "../command.js";
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
} from "../options.js";
import { facts, pathWord } from "../output.js";

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
  ],
  async run(values, { signal, onProgress, note }) {
    const { writeDataset } = await import("../../storage/index.js");
    const { manifest, bytes, warnings } = await writeDataset(
      present({
        kind: values.kind,
        out: values.out,
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
      }),
      { signal, onProgress },
    );
    for (const warning of warnings) note(warning);
    const { kind, rows, features, shards, format } = manifest;
    const maxima = manifest.kind === "two-layer-sigmoid" ? manifest.constants.maxima : undefined;
    const files = `${shards.length} ${format} ${shards.length === 1 ? "file" : "files"}`;
    return {
      json: {
        out: values.out,
        kind,
        shards: shards.length,
        bytes,
        ...(maxima !== undefined && { maxima }),
        warnings,
      },
      rows,
      text: [
        `Wrote the ${kind} dataset ${values.out}`,
        ...facts([
          ["rows", `${formatCount(rows)} × ${features} features and a target`],
          ["files", `${files}, ${formatBytes(bytes)}`],
          ["noise", `${manifest.noise}`],
          ["seed", `${manifest.seed}`],
          ...(maxima === undefined ? [] : [["maxima", maxima.join(", ")] as const]),
        ]),
      ],
      next: `Next: vadi train ${pathWord(values.out)} --out runs/NAME`,
    };
  },
});
