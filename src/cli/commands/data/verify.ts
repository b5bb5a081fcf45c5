import { counted } from "../../../common/text/plurals.js";
import type { ShardStatus } from "../../../storage/index.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { flag, required } from "../../../common/options/options.js";
import { pathWord } from "../../terminal/output.js";

function describeShard({ file, status, reason, repaired }: ShardStatus): string {
  const why = reason === undefined ? "" : ` (${reason})`;
  return `  ${file}: ${status}${why}${repaired === true ? ", repaired" : ""}`;
}

export const verifyCommand: Command = defineCommand({
  name: "verify",
  describe: "Check a dataset against its checksums, and repair it",
  positionals: { dataset: required(text, "Folder of the dataset") },
  options: {
    repair: flag("Regenerate damaged and missing files"),
  },
  examples: [
    {
      command: "vadi verify data/lsm",
      describe: "Exit code 1 if a file is damaged, missing or unknown",
    },
    {
      command: "vadi verify data/lsm --repair",
      describe: "Regenerate damaged and missing files; exit code 1 if any is left",
    },
  ],
  async run(values, { signal, onProgress }) {
    // Not through openDataset(), which opens no dataset with a shard missing.
    const { isRemote, verifyDataset } = await import("../../../storage/index.js");
    const { ok, shards } = await verifyDataset(values.dataset, {
      repair: values.repair,
      signal,
      onProgress,
    });
    const wrong = shards.filter((shard) => shard.status !== "ok");
    const files = counted(shards.length, "file");
    const repaired = shards.filter((shard) => shard.repaired === true).length;
    const repairable =
      !values.repair && !isRemote(values.dataset) && wrong.some(({ status }) => status !== "extra");
    const wrongText = `${wrong.length} of ${files} not as they were written`;
    return {
      json: { ok, shards },
      exitCode: ok ? 0 : 1,
      text:
        wrong.length === 0
          ? [
              `${values.dataset}: ${files}, ${shards.length === 1 ? "as it was" : "all as they were"} written.`,
            ]
          : [
              `${values.dataset}: ${wrongText}${values.repair ? `, ${repaired} repaired` : ""}.`,
              ...wrong.map(describeShard),
            ],
      ...(repairable && { next: `Next: vadi verify ${pathWord(values.dataset)} --repair` }),
    };
  },
});
