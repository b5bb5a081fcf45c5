import { formatCount } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { formatBytes } from "../../../common/text/sizes.js";
import { usageError } from "../../../common/errors.js";
import { pickOptions } from "../../../common/options/options.js";
import { generateOptions, partOptions } from "../../../storage/options.js";
import type { WrittenDataset, WrittenPart } from "../../../storage/index.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { facts, pathWord } from "../../terminal/output.js";

const { kind: KIND, resume, force, ...others } = generateOptions;

export const generateCommand: Command = defineCommand({
  name: "generate",
  describe: "Generate a synthetic dataset as Arrow or Parquet files",
  positionals: { kind: KIND },
  options: { ...others, ...partOptions, resume, force },
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
      command: "vadi generate two-layer-sigmoid --out parts/1 --rows 100M --shards 0-49",
      describe: "One machine's half of a dataset, for vadi join",
    },
    {
      command:
        "vadi generate two-layer-sigmoid --out parts/2 --rows 100M --shards 50-99 --maxima parts/1",
      describe: "The other half, with the maxima that the first has found",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { writeDataset, writePart } = await import("../../../storage/index.js");
    const { kind, out, shards, maxima } = values;
    const spec = { kind, ...pickOptions(generateOptions, values), out };
    if (shards === undefined) {
      if (maxima !== undefined) {
        throw usageError("--maxima is for --shards; a complete dataset finds its own maxima.");
      }
      const written = await writeDataset(spec, { signal, onProgress });
      return datasetResult(out, written, note);
    }
    const written = await writePart({ ...spec, shards, maxima }, { signal, onProgress });
    return partResult(out, kind, shards, written, note);
  },
});

/** What a command prints of a complete dataset. */
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

/** What is printed of a part of a dataset. */
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
