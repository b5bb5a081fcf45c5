import { writeFile } from "node:fs/promises";
import path from "node:path";
import { formatCount } from "../../../src/common/text/numbers.js";
import { formatBytes } from "../../../src/common/text/sizes.js";
import type { FactTable, LineFigure, ReportSection } from "../../../src/report/index.js";
import { renderReport } from "../../../src/report/index.js";
import { describeMachine } from "../machine.js";
import type { Concern, GrowthSeries, MeasuredProgram, Results } from "./document.js";
import { boundOf, documentedRatios, judge, type JudgedRatio } from "./ratios.js";

/*
 * A report of benchmark results: ratios beside their goals, programs beside each other, and how costs grow.
 */

const MEBIBYTE = 2 ** 20;
const TITLES: Readonly<Record<string, string>> = {
  start: "From a cold start",
  generate: "Generating datasets",
  stream: "Streaming minibatches",
  train: "Training",
  landscape: "Loss landscapes",
  curvature: "Curvature",
  convert: "Converting tables",
};

/** The goal is in the middle of its column. */
function ratioTable({ concern }: Concern, judged: readonly JudgedRatio[]): FactTable {
  return {
    kind: "table",
    id: `${concern}-ratios`,
    title: "Ratios",
    caption: "A bar that reaches the middle of its column is at the goal.",
    columns: ["", "measured", "goal", "docs", "note"],
    rows: judged.map(({ name, value, goal, documented, marks }) => [
      name,
      value.toFixed(2),
      goal,
      documented?.toFixed(2) ?? "",
      marks.join(", "),
    ]),
    bars: {
      column: 1,
      shares: judged.map(({ value, goal }) => {
        const { bound } = boundOf(goal) ?? {};
        return bound === undefined || bound <= 0 ? 0 : Math.min(1, Math.max(0, value / bound / 2));
      }),
    },
  };
}

/** Rows a second of an epoch or a job; undefined for commands without rows. */
function speedOf({ rows, seconds, epoch }: MeasuredProgram): number | undefined {
  return rows === 0 ? undefined : rows / (epoch?.seconds ?? seconds.median);
}

function programTable(concern: string, programs: readonly MeasuredProgram[]): FactTable {
  const most = Math.max(...programs.map((program) => speedOf(program) ?? 0));
  return {
    kind: "table",
    id: `${concern}-programs`,
    title: "Programs",
    caption: "Medians of runs in turns; programs may work on different numbers of rows.",
    columns: ["", "M rows/s", "seconds", "least – most", "peak memory"],
    rows: programs.map((program) => {
      const { name, seconds, peakRssBytes, epoch } = program;
      const speed = speedOf(program);
      const memory = peakRssBytes ?? epoch?.peakRssBytes;
      return [
        name,
        speed === undefined ? "" : (speed / 1e6).toFixed(2),
        seconds.median.toFixed(3),
        `${seconds.least.toFixed(3)} – ${seconds.most.toFixed(3)}`,
        memory === undefined ? "" : formatBytes(memory),
      ];
    }),
    bars: {
      column: 1,
      shares: programs.map((program) => (speedOf(program) ?? 0) / Math.max(most, 1)),
    },
  };
}

function concernSection(concern: Concern, judged: readonly JudgedRatio[]): ReportSection {
  const missed = judged.filter(({ marks }) => marks.length > 0).length;
  const name = TITLES[concern.concern] ?? concern.concern;
  return {
    id: concern.concern,
    name,
    title:
      missed === 0
        ? `${name}: nothing is marked`
        : `${name}: ${missed} of ${judged.length} ratios are marked`,
    text: [...describeMachine(concern.machine), `runs of each program: ${concern.runs}.`].join(
      "; ",
    ),
    open: true,
    blocks: [
      ratioTable(concern, judged),
      ...(concern.measured === undefined ? [] : [programTable(concern.concern, concern.measured)]),
    ],
  };
}

/** A figure has at most six colours that can be told apart. */
const MOST_LINES = 6;

function growthFigures(
  variable: string,
  id: string,
  series: readonly GrowthSeries[],
): LineFigure[] {
  if (series.length > MOST_LINES) {
    const half = Math.ceil(series.length / 2);
    return [
      ...growthFigures(variable, id, series.slice(0, half)),
      ...growthFigures(variable, `${id}-more`, series.slice(half)),
    ];
  }
  const x = { title: variable, scale: "log" } as const;
  const perRow = series.every(({ unit }) => unit === "s a row");
  const exponents = series
    .map(({ stage, exponent }) => `${stage} ${exponent.toFixed(2)}`)
    .join("; ");
  return [
    {
      kind: "lines",
      id: `time-in-${id}`,
      title: `Time against ${variable}`,
      caption: `Exponents over the last three values: ${exponents}.`,
      x,
      y: { title: perRow ? "seconds a row" : "seconds, whole process", scale: "log" },
      series: series.map(({ stage, points }) => ({
        name: stage,
        x: points.map(({ value }) => value),
        y: points.map(({ seconds }) => seconds),
      })),
    },
    {
      kind: "lines",
      id: `memory-in-${id}`,
      title: `Peak memory against ${variable}`,
      caption: "A line that stays level is a bounded job.",
      beside: true,
      x,
      y: { title: "peak memory, MiB" },
      series: series.map(({ stage, points }) => ({
        name: stage,
        x: points.map(({ value }) => value),
        y: points.map(({ peakRssBytes }) => peakRssBytes / MEBIBYTE),
      })),
    },
  ];
}

function growthTable(id: string, series: readonly GrowthSeries[]): FactTable {
  return {
    kind: "table",
    id: `${id}-numbers`,
    title: "Numbers",
    columns: ["", "value", "seconds", "processor seconds", "peak memory"],
    rows: series.flatMap(({ stage, points }) =>
      points.map(({ value, seconds, cpuSeconds, peakRssBytes }) => [
        stage,
        formatCount(value),
        seconds.toPrecision(3),
        cpuSeconds.toPrecision(3),
        formatBytes(peakRssBytes),
      ]),
    ),
  };
}

function growthSections(series: readonly GrowthSeries[]): ReportSection[] {
  return [...new Set(series.map(({ variable }) => variable))].map((variable) => {
    const own = series.filter((one) => one.variable === variable);
    const steepest = own.reduce((a, b) => (b.exponent - b.most > a.exponent - a.most ? b : a));
    const id = `growth-${variable.replaceAll(" ", "-")}`;
    return {
      id,
      name: `Growth with ${variable}`,
      title: `${variable[0]?.toUpperCase()}${variable.slice(1)}: the steepest, ${steepest.stage}, has exponent ${steepest.exponent.toFixed(2)}`,
      blocks: [
        ...growthFigures(variable, variable.replaceAll(" ", "-"), own),
        growthTable(id, own),
      ],
    };
  });
}

/**
 * Writes a report of results as one HTML file.
 *
 * @param cited the results that the docs cite
 */
export async function writePage(
  file: string,
  { date, quick, concerns }: Results,
  cited: readonly Concern[],
): Promise<void> {
  const documented = documentedRatios(cited);
  const judged = concerns.map((concern) => judge(concern, documented));
  const all = judged.flat();
  const withGoal = all.filter(({ goal }) => boundOf(goal) !== undefined);
  const met = withGoal.filter(({ marks }) => !marks.includes("misses the goal")).length;
  const sections = concerns.flatMap((concern, at) =>
    concern.series === undefined
      ? [concernSection(concern, judged[at]!)]
      : growthSections(concern.series),
  );
  const html = renderReport(
    {
      title: "vadi beside its peers",
      subtitle: `${met} of ${withGoal.length} goals are met. Measured on ${date.slice(0, 10)}${quick ? ", small sizes" : ""}: ${describeMachine(concerns[0]!.machine).join("; ")}.`,
      sections,
    },
    path.dirname(path.resolve(file)),
  );
  await writeFile(file, html);
}
