import { formatCount } from "../../common/counts.js";
import { defineCommand, type Command } from "../command.js";
import { text, withDefault } from "../options.js";
import { formatNumber, shownPath, table } from "../output.js";

export const runsCommand: Command = defineCommand({
  name: "runs",
  describe: "List the runs in a folder with dataset, model, loss and status",
  positionals: { folder: withDefault(text, ".", "Folder to look in, and below") },
  options: {},
  examples: [{ command: "vadi runs runs", describe: "All runs below runs/" }],
  async run({ folder }) {
    const { listRuns } = await import("../../train/index.js");
    const runs = (await listRuns(folder)).map(({ dir, run }) => {
      if (run === undefined) return { run: dir, status: "damaged" };
      const { status, options, dataset, backend, result } = run.record;
      return {
        run: dir,
        status,
        dataset: dataset.path,
        model: options.model,
        optimizer: options.optimizer,
        backend,
        steps: result?.steps ?? null,
        loss: result?.loss ?? null,
      };
    });
    const rows = runs.map((run) => [
      shownPath(run.run),
      run.status,
      run.dataset === undefined ? "–" : shownPath(run.dataset),
      run.model ?? "–",
      run.optimizer ?? "–",
      run.steps === null || run.steps === undefined ? "–" : formatCount(run.steps),
      run.loss === null || run.loss === undefined ? "–" : formatNumber(run.loss),
    ]);
    const headings = ["run", "status", "dataset", "model", "optimizer", "steps", "loss"];
    return {
      json: { runs },
      text: runs.length === 0 ? [`There are no runs in ${folder}.`] : table(headings, rows),
    };
  },
});
