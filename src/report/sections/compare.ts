import type { Language, Texts } from "../../language/index.js";
import path from "node:path";
import type { Run } from "../../train/index.js";
import { hasMixedUnits, largest, leavingText, trainingCurve } from "./curve.js";
import type { FactTable, LineFigure, ReportSection } from "../figures/figure.js";
import { NO_VALUE } from "../../common/text/numbers.js";
import { describedModel, nameOfModel } from "./model.js";
import { lossText } from "./run.js";
import { settingsOfRun } from "./settings.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";

/** The most runs whose settings are compared: more columns would not fit. */
const mostColumns = 8;

/** Several runs in one section: their losses, their results, and the settings in which they differ. */
export async function compareRuns(
  language: Language,
  runs: readonly Run[],
  names: readonly string[] = namesOfRuns(runs),
): Promise<ReportSection> {
  const blocks: ReportSection["blocks"] = await lossFigures(language.texts, runs, names);
  blocks.push(await resultTable(language, runs, names));
  if (runs.length <= mostColumns) blocks.push(differencesOf(language, runs, names));
  return {
    id: "runs",
    title: claimOf(language, runs, names),
    name: language.texts.claims.runsCompared,
    blocks,
  };
}

/** Which run ends lowest, or that they cannot be compared. */
function claimOf(
  { texts, number }: Language,
  runs: readonly Run[],
  names: readonly string[],
): string {
  const losses = runs.map(({ record: { result } }) => result?.loss ?? NaN);
  const finite = losses.filter(Number.isFinite);
  if (hasMixedUnits(runs) || finite.length < 2) return texts.claims.runsCompared;
  const least = Math.min(...finite);
  const shown = number(least, 3);
  // What is the same in three digits is called the same.
  const lowest = names.filter((_, at) => number(losses[at] ?? NaN, 3) === shown);
  if (lowest.length > 1) return texts.claims.endTogether(lowest, shown);
  const next = finite.toSorted((a, b) => a - b)[1] ?? NaN;
  return texts.claims.endsLowest(lowest[0] ?? "", shown, number(next, 3));
}

/** The shortest ends of the runs' paths that differ from each other. */
export function namesOfRuns(runs: readonly Run[]): string[] {
  const parts = runs.map((run) => run.dir.split(/[\\/]/));
  const most = largest(parts.map((part) => part.length));
  for (let length = 1; length <= most; length++) {
    const names = parts.map((part) => part.slice(-length).join("/"));
    if (new Set(names).size === names.length) return names;
  }
  return runs.map((run, index) => `${path.basename(run.dir)} (${index + 1})`);
}

/** Loss against step and against time, of the runs that have a history. */
async function lossFigures(
  texts: Texts,
  runs: readonly Run[],
  names: readonly string[],
): Promise<LineFigure[]> {
  const histories = await Promise.all(runs.map((run) => run.history()));
  const drawn = runs.flatMap((run, index) => {
    const history = histories[index]!;
    return history.length > 1 ? [{ run, history, name: names[index] ?? "" }] : [];
  });
  if (drawn.length === 0) return [];
  const drawnRuns = drawn.map(({ run }) => run);
  const drawnNames = drawn.map(({ name }) => name);
  const curve = (along: "step" | "seconds"): LineFigure =>
    trainingCurve(
      texts,
      drawnRuns,
      drawn.map(({ history }) => history),
      drawnNames,
      undefined,
      along,
    );
  return [
    { ...curve("step"), id: "training-curves" },
    {
      ...curve("seconds"),
      id: "training-curves-time",
      beside: true,
      caption: [texts.training.captionTime, ...leavingText(texts, drawnRuns, drawnNames)].join(" "),
    },
  ];
}

/** The results, one row per run. */
async function resultTable(
  { texts }: Language,
  runs: readonly Run[],
  names: readonly string[],
): Promise<FactTable> {
  const models = await Promise.all(
    runs.map(async (run) => nameOfModel(texts, run.record, await describedModel(run))),
  );
  const isMixed = hasMixedUnits(runs);
  const allStandardized = runs.every(({ record }) => hasStandardizedTarget(record));
  const loss = isMixed ? texts.training.mixedLossName : lossName(texts, allStandardized);
  return {
    kind: "table",
    id: "runs-compared",
    title: texts.training.results,
    caption: texts.training.resultsCaption(loss),
    sortable: true,
    columns: [
      texts.training.run,
      texts.training.status,
      texts.training.dataset,
      texts.training.model,
      texts.training.optimizer,
      texts.training.learningRate,
      texts.training.steps,
      texts.training.finalLossColumn,
      ...(isMixed ? [texts.training.lossOf] : []),
      texts.training.rowsPerSecondColumn,
      texts.training.secondsColumn,
    ],
    rows: runs.map(({ record }, index) => {
      const { status, dataset, options, result } = record;
      return [
        names[index] ?? "",
        texts.training.statuses[status],
        path.basename(dataset.path),
        models[index] ?? "",
        options.optimizer,
        options.optimizer === "closed-form" ? NO_VALUE : options.learningRate,
        result?.steps ?? NO_VALUE,
        result ? lossText(texts, result.loss) : NO_VALUE,
        ...(isMixed
          ? [
              hasStandardizedTarget(record)
                ? texts.training.theStandardizedTarget
                : texts.training.theTarget,
            ]
          : []),
        result ? threeDigits(result.rowsPerSecond) : NO_VALUE,
        result ? threeDigits(result.seconds) : NO_VALUE,
      ];
    }),
  };
}

function threeDigits(value: number): number {
  return Number(value.toPrecision(3));
}

/** The settings in which the runs differ, a column for each run. */
function differencesOf(
  language: Language,
  runs: readonly Run[],
  names: readonly string[],
): FactTable {
  const { texts } = language;
  const settings = runs.map(({ record }) => {
    const { path: folder, fingerprint } = record.dataset;
    return new Map<string, string | number>([
      [texts.training.dataset, `${path.basename(folder)} (${fingerprint.slice(0, 8)})`],
      ...settingsOfRun(language, record).map(
        ([name, value = NO_VALUE]): [string, string | number] => [
          String(name),
          typeof value === "object" ? path.basename(value.path) : value,
        ],
      ),
    ]);
  });
  const all = new Set(settings.flatMap((one) => [...one.keys()]));
  const differing = [...all].filter(
    (name) => new Set(settings.map((one) => one.get(name) ?? NO_VALUE)).size > 1,
  );
  return {
    kind: "table",
    id: "settings-that-differ",
    title: texts.training.differing,
    caption:
      differing.length === 0
        ? texts.training.noneDiffer
        : texts.training.othersSame(all.size - differing.length),
    columns: [texts.training.setting, ...names],
    rows: differing.map((name) => [name, ...settings.map((one) => one.get(name) ?? NO_VALUE)]),
  };
}
