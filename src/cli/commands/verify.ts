import type { ShardStatus } from "../../storage/index.js";
import { defineCommand, type Command } from "../command.js";
import { required, text } from "../options.js";

function describeShard({ file, status, reason }: ShardStatus): string {
  return `  ${file}: ${status}${reason === undefined ? "" : ` (${reason})`}`;
}

export const verifyCommand: Command = defineCommand({
  name: "verify",
  describe: "Check every file of a dataset against its checksum",
  positionals: { dataset: required(text, "Folder of the dataset") },
  options: {},
  examples: [{ command: "vadi verify data/lsm", describe: "Exit code 1 unless all is well" }],
  async run(values, { signal, onProgress }) {
    // Not through openDataset(), which opens no dataset with a shard missing.
    const { verifyDataset } = await import("../../storage/index.js");
    const { ok, shards } = await verifyDataset(values.dataset, { signal, onProgress });
    const wrong = shards.filter((shard) => shard.status !== "ok");
    const files = `${shards.length} ${shards.length === 1 ? "file" : "files"}`;
    return {
      json: { ok, shards },
      exitCode: ok ? 0 : 1,
      text: ok
        ? [`${values.dataset}: ${files}, all as they were written.`]
        : [
            `${values.dataset}: ${wrong.length} of ${files} not as they were written.`,
            ...wrong.map(describeShard),
          ],
    };
  },
});
