import { counted } from "../../../common/text/plurals.js";
import { text } from "../../../common/options/kinds.js";
import { flag, optional, several } from "../../../common/options/options.js";
import { usageError } from "../../../common/errors.js";
import type { Landscape } from "../../../landscape/index.js";
import { mergeOptions } from "../../../landscape/options.js";
import type { MergedTasks } from "../../../tasks/index.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { pathWord } from "../../terminal/output.js";
import { curvatureResult } from "../models/curvature.js";
import { evaluationResult } from "../models/evaluate.js";
import { datasetResult } from "../data/generate.js";
import { verificationResult } from "../data/verify.js";
import { mergeResults } from "../tasks/merge-results.js";

export const mergeCommand: Command = defineCommand({
  name: "merge",
  describe: "Merge landscapes of different batches, or the results of tasks",
  positionals: {
    sources: several("Folders of the landscapes in any order, or that of vadi task's results"),
  },
  options: {
    out: optional(text, "Folder to write the merged landscape to"),
    force: mergeOptions.force,
    discard: flag("Remove the results of tasks instead, also those in a bucket"),
  },
  examples: [
    {
      command: "vadi merge slices/1 slices/2 --out slices/all",
      describe: "The same numbers as from one computation; parts differ in --batches only",
    },
    {
      command: "vadi merge work/verify",
      describe: "What the tasks of vadi plan verify found; exit code 1 if a file is damaged",
    },
  ],
  async run({ sources, out, force, discard }, { signal, onProgress, note }) {
    if (discard) return discardResults(sources);
    const merged = await mergeResults(sources, { out, force, signal, onProgress });
    if (merged !== undefined) return resultOf(merged, sources[0] ?? "", out, note);
    if (out === undefined)
      throw usageError("vadi merge needs --out: folder to write the merged landscape to.");
    const { mergeLandscapes } = await import("../../../landscape/index.js");
    return landscapeResult(
      await mergeLandscapes(sources, { out, force, signal }),
      sources.length,
      out,
    );
  },
});

async function discardResults(folders: readonly string[]): Promise<CommandResult> {
  const { discardTasks } = await import("../../../tasks/index.js");
  for (const folder of folders) await discardTasks(folder);
  return {
    json: { discarded: folders },
    text: [`Removed the results of tasks: ${folders.join(", ")}`],
  };
}

function resultOf(
  merged: MergedTasks,
  parts: string,
  out: string = "",
  note: (sentence: string) => void,
): CommandResult {
  switch (merged.job) {
    case "generate":
      return datasetResult(out, merged.dataset, note);
    case "landscape":
      return landscapeResult(merged.landscape, undefined, out);
    case "verify": {
      const { verification } = merged;
      return verificationResult(parts, verification, verification.files);
    }
    case "curvature":
      return curvatureResult(merged.curvature, out);
    case "evaluate":
      return evaluationResult(parts, merged.evaluation);
  }
}

function landscapeResult(
  { record }: Landscape,
  parts: number | undefined,
  out: string,
): CommandResult {
  const points = record.alphas.length * (record.betas?.length ?? 1);
  const batches = record.batches.length;
  const what = parts === undefined ? "the tasks' landscapes" : counted(parts, "landscape");
  return {
    json: { out, points, batches, rowPointsPerSecond: record.rowPointsPerSecond },
    rows: record.rows,
    text: [`Put ${what} together, ${counted(batches, "batch", "batches")}: ${out}`],
    next: `Next: vadi report ${pathWord(out)}`,
  };
}
