import { counted } from "../../../common/text/plurals.js";
import type { ShardStatus, VerifyResult } from "../../../storage/index.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { flag, optional, required } from "../../../common/options/options.js";
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
    shards: optional(text, "Check only these files, 0-99 or 0-3,7", "all"),
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
    const verification = await verifyDataset(values.dataset, {
      repair: values.repair,
      shards: values.shards,
      signal,
      onProgress,
    });
    const { shards } = verification;
    const result = verificationResult(values.dataset, verification, shards.length, values.repair);
    const repairable =
      !values.repair &&
      !isRemote(values.dataset) &&
      shards.some(({ status }) => status !== "ok" && status !== "extra");
    const next = `Next: vadi verify ${pathWord(values.dataset)} --repair`;
    return { ...result, ...(repairable && { next }) };
  },
});

/**
 * What a command prints of a verification.
 *
 * @param count how many files were checked
 * @param isRepair whether they were to be repaired
 */
export function verificationResult(
  what: string,
  { ok, shards }: Pick<VerifyResult, "ok" | "shards">,
  count: number,
  isRepair: boolean = false,
): CommandResult {
  const wrong = shards.filter(({ status }) => status !== "ok");
  const files = counted(count, "file");
  const repaired = shards.filter((shard) => shard.repaired === true).length;
  const repairedText = isRepair ? `, ${repaired} repaired` : "";
  return {
    json: { ok, shards },
    exitCode: ok ? 0 : 1,
    text:
      wrong.length === 0
        ? [`${what}: ${files}, ${count === 1 ? "as it was" : "all as they were"} written.`]
        : [
            `${what}: ${wrong.length} of ${files} not as they were written${repairedText}.`,
            ...wrong.map(describeShard),
          ],
  };
}
