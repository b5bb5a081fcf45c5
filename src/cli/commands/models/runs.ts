import { NO_VALUE, formatCount, plainNumber } from "../../../common/text/numbers.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { withDefault } from "../../../common/options/options.js";
import { shownPath, table } from "../../terminal/output.js";

export const runsCommand: Command = defineCommand({
  name: "runs",
  describe: "List the runs in a folder",
  positionals: { folder: withDefault(text, ".", "Folder to search, with all folders below") },
  options: {},
  examples: [{ command: "vadi runs runs", describe: "All runs below runs/" }],
  async run({ folder = "." }) {
    const { listRuns } = await import("../../../train/index.js");
    const found = await listRuns(folder);
    const runs = await Promise.all(
      found.map(async ({ dir, run, status }) => {
        if (run === undefined) return { run: dir, status };
        const { options, dataset, backend, result } = run.record;
        // A run that has not ended has no result; its history says how far it is.
        const last = result ?? (await run.history().catch(() => [])).at(-1);
        return {
          run: dir,
          status,
          dataset: dataset.path,
          model: options.model,
          optimizer: options.optimizer,
          backend,
          steps: last === undefined ? null : "steps" in last ? last.steps : last.step,
          loss: last?.loss ?? null,
        };
      }),
    );
    const rows = runs.map((run) => [
      shownPath(run.run),
      run.status,
      run.dataset === undefined ? NO_VALUE : shownPath(run.dataset),
      // A model's own file is a path, as the dataset is.
      run.model === undefined ? NO_VALUE : shownPath(run.model),
      run.optimizer ?? NO_VALUE,
      run.steps === null || run.steps === undefined ? NO_VALUE : formatCount(run.steps),
      run.loss === null || run.loss === undefined ? NO_VALUE : plainNumber(run.loss),
    ]);
    const headings = ["run", "status", "dataset", "model", "optimizer", "steps", "loss"];
    return {
      json: { runs },
      text:
        runs.length === 0
          ? [`There are no runs in ${folder}; vadi train DATASET --out RUN makes one.`]
          : table(headings, rows),
    };
  },
});
