import path from "node:path";
import type { Texts } from "../../language/index.js";
import type { Dataset } from "../../stream/index.js";
import type { HistoryRow, Run } from "../../train/index.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";
import type { Axis, DataLink, LineFigure } from "../figures/figure.js";
import { exists } from "../../files/folders.js";

/** The file of a run's history; history.parquet exists only after the run has ended. */
function historyLink(texts: Texts, dir: string, name = path.basename(dir)): DataLink {
  const table = path.join(dir, "history.parquet");
  const file = exists(table) ? table : path.join(dir, "history.jsonl");
  return { file, what: texts.training.historyFile(name) };
}

/** The scale and range of an axis of losses: logarithmic if they span more than a decade. */
function scaleOf(losses: readonly number[]): Pick<Axis, "scale" | "range"> {
  const shown = losses.filter((loss) => Number.isFinite(loss) && loss > 0);
  const [low, high] = [smallest(shown), largest(shown)];
  if (high > 10 * low) {
    const margin = (high / low) ** 0.05;
    return { scale: "log", range: [low / margin, high * margin ** 3] };
  }
  if (!(high > low)) return { scale: "linear" };
  const margin = 0.05 * (high - low);
  return { scale: "linear", range: [low - margin, high + 3 * margin] };
}

/**
 * The vertical axis of several runs' losses. Beside a run that diverged, whose loss may be any power of ten, the
 * others would be flat lines. The range is therefore that of the others and of its first loss.
 */
function axisOf(runs: readonly Run[], histories: readonly HistoryRow[][]): Partial<Axis> {
  const hasDiverged = runs.map(({ record }) => record.status === "diverged");
  if (!hasDiverged.includes(true) || !hasDiverged.includes(false))
    return { scale: scaleOf(histories.flat().map(({ loss }) => loss)).scale ?? "linear" };
  return scaleOf(
    histories.flatMap((history, run) =>
      (hasDiverged[run] === true ? history.slice(0, 1) : history).map(({ loss }) => loss),
    ),
  );
}

/** What to look for in one or several curves of losses. */
function captionOf(
  texts: Texts,
  runs: readonly Run[],
  names: readonly string[],
  hasFloor: boolean,
): string {
  const diverged = runs.filter(({ record }) => record.status === "diverged").length;
  const scatters = runs.some(hasBatches);
  if (runs.length === 1)
    return diverged > 0
      ? texts.training.captionGrows(hasFloor)
      : texts.training.captionFalls(hasFloor, scatters);
  if (diverged === runs.length) return texts.training.captionAllGrow;
  return [
    texts.training.captionRuns(scatters),
    ...mixedText(texts, runs, names),
    ...leavingText(texts, runs, names),
  ].join(" ");
}

/** Whether the steps of a run are taken on different rows. */
function hasBatches({ record: { options, dataset } }: Run): boolean {
  return options.optimizer !== "gradient-descent" && options.batchSize < dataset.rows;
}

/** A sentence about losses in different units, if there are any. */
function mixedText(texts: Texts, runs: readonly Run[], names: readonly string[]): string[] {
  if (!hasMixedUnits(runs)) return [];
  const standardized = names.filter((_, at) => hasStandardizedTarget(runs[at]!.record));
  return [texts.training.mixedUnits(standardized)];
}

/** Whether some runs standardise their targets and others do not. */
export function hasMixedUnits(runs: readonly Run[]): boolean {
  return new Set(runs.map(({ record }) => hasStandardizedTarget(record))).size > 1;
}

/** A sentence about runs whose curves leave the figure at its top, if there are any. */
export function leavingText(
  texts: Texts,
  runs: readonly Run[],
  names: readonly string[],
): string[] {
  const diverged = names.filter((_, index) => runs[index]?.record.status === "diverged");
  const isNone = diverged.length === 0 || diverged.length === runs.length;
  return isNone ? [] : [texts.training.leaves(diverged)];
}

/** The losses of runs against step or time. */
export function trainingCurve(
  texts: Texts,
  runs: readonly Run[],
  histories: readonly HistoryRow[][],
  names: readonly string[],
  dataset: Dataset | undefined,
  along: "step" | "seconds" = "step",
): LineFigure {
  const series: LineFigure["series"] = histories.map((history, index) => ({
    name: names[index] ?? path.basename(runs[index]?.dir ?? ""),
    // The first step waits for threads, kernels and the first batch.
    x: history.map((row) => (along === "step" ? row.step : row.seconds - history[0]!.seconds)),
    y: history.map((row) => row.loss),
  }));
  const title = along === "step" ? texts.training.againstStep : texts.training.againstTime;
  const axis =
    along === "step"
      ? { title: texts.training.stepAxis, symbol: texts.training.step }
      : { title: texts.training.timeAxis, symbol: texts.training.time };
  let hasFloor = false;
  const isStandardised = runs.every(({ record }) => hasStandardizedTarget(record));
  if (dataset?.manifest.kind === "lsm" && dataset.manifest.noise > 0 && !isStandardised) {
    const variance = dataset.manifest.noise ** 2;
    const steps = histories.flat().map((row) => row.step);
    const [first, last] = [smallest(steps), largest(steps)];
    series.push({
      name: texts.training.floor(variance),
      role: "reference",
      x: [first, last],
      y: [variance, variance],
    });
    hasFloor = true;
  }
  const several = histories.length > 1;
  const loss = lossName(texts, isStandardised);
  return {
    kind: "lines",
    id: several ? "training-curves" : "training-curve",
    title: several ? texts.training.runByRun(title) : title,
    caption: captionOf(texts, runs, names, hasFloor),
    x: axis,
    y: {
      title: runs.some(hasBatches)
        ? texts.training.lossOfBatch(loss)
        : texts.training.lossOfAll(loss),
      symbol: texts.training.loss,
      ...axisOf(runs, histories),
    },
    series,
    data: runs.map(({ dir }, index) => historyLink(texts, dir, several ? names[index] : undefined)),
  };
}

// Spreading a long array into Math.min would overflow the stack.
function smallest(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

export function largest(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}
