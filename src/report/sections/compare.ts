import path from "node:path";
import type { Run } from "../../train/index.js";
import { hasMixedUnits, largest, leavingText, trainingCurve } from "./curve.js";
import type { FactTable, ReportSection } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";
import { describedModel, nameOfModel } from "./model.js";
import { lossText } from "./run.js";
import { settingsOfRun } from "./settings.js";
import { hasStandardizedTarget } from "../figures/loss-names.js";

/** Runs whose settings fit beside each other in a table. */
const mostColumns = 8;

const againstTime =
  "Look for which run reaches a loss first: a run of many cheap steps may be behind one of few dear ones by step, and ahead by time. The time is counted from the first step, so that the start of threads and kernels is left out.";

/** The shortest endings of the runs' paths that tell them apart. */
export function namesOfRuns(runs: readonly Run[]): string[] {
  const parts = runs.map((run) => run.dir.split(/[\\/]/));
  const most = largest(parts.map((part) => part.length));
  for (let length = 1; length <= most; length++) {
    const names = parts.map((part) => part.slice(-length).join("/"));
    if (new Set(names).size === names.length) return names;
  }
  return runs.map((run, index) => `${path.basename(run.dir)} (${index + 1})`);
}

/**
 * Several runs in one figure and one table.
 *
 * @param names what to call them; default: the endings of their folders
 */
export async function compareRuns(
  runs: readonly Run[],
  names: readonly string[] = namesOfRuns(runs),
): Promise<ReportSection> {
  const histories = await Promise.all(runs.map((run) => run.history()));
  const drawn = runs.flatMap((run, index) => {
    const history = histories[index] ?? [];
    return history.length > 1 ? [{ run, history, name: names[index] ?? "" }] : [];
  });
  const blocks: ReportSection["blocks"] = [];
  for (const along of drawn.length > 0 ? (["step", "seconds"] as const) : []) {
    const shown = drawn.map(({ run }) => run);
    const shownNames = drawn.map(({ name }) => name);
    const figure = trainingCurve(
      shown,
      drawn.map(({ history }) => history),
      shownNames,
      undefined,
      along,
    );
    blocks.push(
      along === "step"
        ? { ...figure, id: "training-curves" }
        : {
            ...figure,
            id: "training-curves-time",
            caption: `${againstTime}${leavingText(shown, shownNames)}`,
          },
    );
  }
  const lossColumn = hasMixedUnits(runs);
  const allStandardized = runs.every(({ record }) => hasStandardizedTarget(record));
  const models = await Promise.all(
    runs.map(async (run) => nameOfModel(run.record, await describedModel(run))),
  );
  blocks.push({
    kind: "table",
    id: "runs-compared",
    title: "Results",
    caption: `The loss is the ${lossColumn ? "mean squared error of what stands beside it" : "mean squared error"}${allStandardized ? " of the standardised target" : ""}. Time and rows/s are of the whole training, the start of threads and kernels included.`,
    sortable: true,
    columns: [
      "run",
      "status",
      "dataset",
      "model",
      "optimizer",
      "learning rate",
      "steps",
      "final loss",
      ...(lossColumn ? ["loss of"] : []),
      "rows/s",
      "time (s)",
    ],
    rows: runs.map(({ record }, index) => [
      names[index] ?? "",
      record.status,
      path.basename(record.dataset.path),
      models[index] ?? "",
      record.options.optimizer,
      record.options.optimizer === "closed-form" ? "–" : record.options.learningRate,
      record.result?.steps ?? "–",
      record.result ? lossText(record.result.loss) : "–",
      ...(lossColumn
        ? [hasStandardizedTarget(record) ? "the standardised target" : "the target"]
        : []),
      record.result ? Number(record.result.rowsPerSecond.toPrecision(3)) : "–",
      record.result ? Number(record.result.seconds.toPrecision(3)) : "–",
    ]),
  });
  if (runs.length <= mostColumns) blocks.push(differencesOf(runs, names));
  return { id: "runs", title: "The runs compared", blocks };
}

/** The settings in which runs differ, a column a run. */
function differencesOf(runs: readonly Run[], names: readonly string[]): FactTable {
  const settings = runs.map(({ record }) => {
    const { path: folder, fingerprint } = record.dataset;
    return new Map<string, string | number>([
      ["dataset", `${path.basename(folder)} (${fingerprint.slice(0, 8)})`],
      ...settingsOfRun(record).map(([name, value]) => [String(name), value ?? "–"] as const),
    ]);
  });
  const all = new Set(settings.flatMap((one) => [...one.keys()]));
  const differing = [...all].filter(
    (name) => new Set(settings.map((one) => one.get(name) ?? "–")).size > 1,
  );
  return {
    kind: "table",
    id: "settings-that-differ",
    title: "Settings that differ",
    caption:
      differing.length === 0
        ? "The runs have the same settings."
        : `${formatNumber(all.size - differing.length)} other settings are the same for all.`,
    columns: ["setting", ...names],
    rows: differing.map((name) => [name, ...settings.map((one) => one.get(name) ?? "–")]),
  };
}
