import { existsSync } from "node:fs";
import path from "node:path";
import type { Dataset } from "../../stream/index.js";
import type { HistoryRow, Run } from "../../train/index.js";
import { hasStandardizedTarget, lossName } from "../figures/loss-names.js";
import type { Axis, DataLink, LineFigure } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";

/** The horizontal axes of training curves. */
const horizontals: Record<"step" | "seconds", { title: string; axis: LineFigure["x"] }> = {
  step: {
    title: "Loss against step",
    axis: { title: "step (one update of the weights)", symbol: "step" },
  },
  seconds: {
    title: "Loss against time",
    axis: { title: "time since the first logged step (s)", symbol: "time" },
  },
};

/** The file of a run's history; history.parquet exists only after the run has ended. */
function historyLink(dir: string, name = path.basename(dir)): DataLink {
  const table = path.join(dir, "history.parquet");
  const file = existsSync(table) ? table : path.join(dir, "history.jsonl");
  return { file, what: `every logged step of ${name}` };
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
function captionOf(runs: readonly Run[], names: readonly string[], hasFloor: boolean): string {
  const diverged = runs.filter(({ record }) => record.status === "diverged").length;
  const grows =
    "where a step overshoots the minimum by more than its distance, the next step is larger still, until the loss is no longer a finite number";
  const scatters = runs.some(hasBatches);
  if (runs.length > 1) {
    return diverged === runs.length
      ? `Look for which run’s loss grows fastest: ${grows}.`
      : `Look for which run falls fastest and which ends lowest${scatters ? "; batches differ, and so do their losses" : ""}.${mixedText(runs, names)}${leavingText(runs, names)}`;
  }
  if (diverged > 0) {
    const floor = hasFloor ? ", away from the variance of the noise (dashed)" : "";
    return `Look for where the loss begins to grow${floor}: ${grows}.`;
  }
  const floor = hasFloor
    ? " and whether it reaches the variance of the noise (dashed), below which no model stays on new rows"
    : "";
  return `Look for how fast the loss falls${floor}${scatters ? "; batches differ, and so do their losses" : ""}.`;
}

/** Whether the steps of a run are taken on different rows. */
function hasBatches({ record: { options, dataset } }: Run): boolean {
  return options.optimizer !== "gradient-descent" && options.batchSize < dataset.rows;
}

/** A sentence about losses in different units; empty if all have the same. */
function mixedText(runs: readonly Run[], names: readonly string[]): string {
  if (!hasMixedUnits(runs)) return "";
  const standardized = names.filter((_, at) => hasStandardizedTarget(runs[at]!.record));
  return ` The losses of ${standardized.join(", ")} are those of the standardised target and cannot be compared with the others.`;
}

/** Whether some runs standardise their targets and others do not. */
export function hasMixedUnits(runs: readonly Run[]): boolean {
  return new Set(runs.map(({ record }) => hasStandardizedTarget(record))).size > 1;
}

/** A sentence about runs whose curves leave the figure at its top; empty if there are none. */
export function leavingText(runs: readonly Run[], names: readonly string[]): string {
  const diverged = names.filter((_, index) => runs[index]?.record.status === "diverged");
  if (diverged.length === 0 || diverged.length === runs.length) return "";
  return diverged.length === 1
    ? ` The loss of ${diverged[0]} grows without end and leaves the figure at its top.`
    : ` The losses of ${diverged.join(", ")} grow without end and leave the figure at its top.`;
}

/** The losses of runs against step or time. */
export function trainingCurve(
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
  const { axis, title } = horizontals[along];
  let hasFloor = false;
  const isStandardised = runs.every(({ record }) => hasStandardizedTarget(record));
  if (dataset?.manifest.kind === "lsm" && dataset.manifest.noise > 0 && !isStandardised) {
    const variance = dataset.manifest.noise ** 2;
    const steps = histories.flat().map((row) => row.step);
    const [first, last] = [smallest(steps), largest(steps)];
    series.push({
      name: `variance of the noise, ${formatNumber(variance)}`,
      role: "reference",
      x: [first, last],
      y: [variance, variance],
    });
    hasFloor = true;
  }
  const several = histories.length > 1;
  return {
    kind: "lines",
    id: several ? "training-curves" : "training-curve",
    title: several ? `${title}, run by run` : title,
    caption: captionOf(runs, names, hasFloor),
    x: axis,
    y: {
      title: `loss (${lossName(isStandardised)}, ${runs.some(hasBatches) ? "of the step’s batch" : "of all rows"})`,
      symbol: "loss",
      ...axisOf(runs, histories),
    },
    series,
    data: runs.map(({ dir }, index) => historyLink(dir, several ? names[index] : undefined)),
  };
}

// Spreading a long array into Math.min would overflow the stack.
function smallest(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

export function largest(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}
