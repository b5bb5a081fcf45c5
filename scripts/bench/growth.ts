import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";
import { formatCount } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { describeMachine, machineFacts } from "./machine.js";
import { median } from "./measure.js";
import { COMMON, HERE, MAIN, note, readCommon } from "./options.js";
import { columns, ratioTable, type Ratio } from "./tables.js";

/*
 * How the cost of each stage grows with rows, features, threads, batch size, points and files. Every job is a command
 * in a fresh process; its time is that of the whole process.
 */

/** What a job took at one value of the variable. */
export interface GrowthPoint {
  value: number;
  /** Medians; divided by the rows where the series says so. */
  seconds: number;
  cpuSeconds: number;
  /** The most of all runs. */
  peakRssBytes: number;
}

export interface GrowthSeries {
  stage: string;
  variable: string;
  /** Of the seconds: a job's, or a row's. */
  unit: "s" | "s a row";
  points: GrowthPoint[];
  /** Of the time in the variable, over the last three values. */
  exponent: number;
  /** The largest exponent that the job needs. */
  most: number;
}

/** A job at one value. */
interface Job {
  stage: string;
  words: readonly string[];
  most: number;
  /** Divides the seconds. Default 1. */
  rows?: number;
}

interface Variable {
  name: string;
  values: readonly number[];
  quick: readonly number[];
  /** Commands that the jobs need before them, untimed. */
  prepare?(place: string, value: number): readonly (readonly string[])[];
  /** In order: a job may use what one before it has made. */
  jobs(place: string, value: number): readonly Job[];
}

const FEATURES = 10;
/** Numbers of the datasets whose features vary. */
const NUMBERS = 30_000_000;
const K = 1000;
const M = 1_000_000;
const LINEAR = ["--epochs", "1", "--batch-size", "10k"];

function generating(out: string, rows: number, features = FEATURES, more: string[] = []): string[] {
  const size = ["--rows", String(rows), "--features", String(features)];
  return [MAIN, "generate", "lsm", ...size, "--out", out, "--force", ...more];
}

function training(place: string, more: readonly string[]): string[] {
  return [MAIN, "train", `${place}/data`, "--out", `${place}/run`, "--force", ...more];
}

function slicing(place: string, more: readonly string[]): string[] {
  return [MAIN, "landscape", `${place}/run`, "--batches", "all", "--force", ...more];
}

/** One epoch of the loader. */
function reading(place: string, shuffle: string): string[] {
  const options = { source: `${place}/data`, shuffle, batchSize: 10_000 };
  return [path.join(HERE, "peers/first-epoch.js"), JSON.stringify(options)];
}

/** Untrained models: slices take the same time around any weights. */
const UNTRAINED = ["--epochs", "0"];
const MLP = ["--model", "mlp"];

const VARIABLES: readonly Variable[] = [
  {
    name: "rows",
    values: [M, 3 * M, 10 * M, 30 * M, 100 * M],
    quick: [100 * K, 300 * K, M],
    jobs: (place, rows) => [
      { stage: "generate", words: generating(`${place}/data`, rows), most: 1 },
      { stage: "verify", words: [MAIN, "verify", `${place}/data`], most: 1 },
      { stage: "stream none", words: reading(place, "none"), most: 1 },
      { stage: "stream window", words: reading(place, "window"), most: 1 },
      { stage: "stream global", words: reading(place, "global"), most: 1 },
      { stage: "train linear", words: training(place, LINEAR), most: 1 },
      { stage: "evaluate linear", words: [MAIN, "evaluate", `${place}/run`], most: 1 },
      { stage: "landscape linear", words: slicing(place, []), most: 1 },
    ],
  },
  {
    name: "features",
    values: [1, 10, 100, K, 10 * K],
    quick: [10, 100, K],
    jobs(place, features) {
      const rows = Math.round(Math.min(NUMBERS / features, 3 * M));
      const batch = ["--epochs", "1", "--batch-size", "1k"];
      return [
        { stage: "generate", words: generating(`${place}/data`, rows, features), most: 1, rows },
        { stage: "stream global", words: reading(place, "global"), most: 1, rows },
        { stage: "train linear", words: training(place, batch), most: 1, rows },
        { stage: "landscape linear", words: slicing(place, []), most: 1, rows },
      ];
    },
  },
  {
    name: "threads",
    values: Array.from({ length: availableParallelism() }, (_, index) => index + 1),
    quick: [1, availableParallelism()],
    prepare: (place) => [
      generating(`${place}/data`, 2 * M),
      training(place, [...MLP, ...UNTRAINED, "--batch-size", "10k"]),
    ],
    jobs: (place, threads) => [
      {
        stage: "generate",
        words: generating(`${place}/made`, 10 * M, FEATURES, ["--workers", String(threads)]),
        most: -0.6,
      },
      {
        stage: "landscape MLP",
        words: slicing(place, ["--workers", String(threads), "--points", "100"]),
        most: -0.6,
      },
    ],
  },
  {
    name: "batch size",
    values: [32, 100, K, 10 * K, 100 * K, M],
    quick: [100, K, 10 * K],
    prepare: (place) => [generating(`${place}/data`, M)],
    jobs(place, rows) {
      const batch = ["--epochs", "1", "--batch-size", String(rows)];
      return [
        { stage: "train linear", words: training(place, batch), most: 0 },
        { stage: "train MLP", words: training(place, [...batch, ...MLP]), most: 0 },
        { stage: "landscape MLP", words: slicing(place, ["--points", "11"]), most: 0 },
      ];
    },
  },
  {
    name: "points",
    values: [10, 30, 100, 300, K],
    quick: [10, 30, 100],
    prepare: (place) => [
      generating(`${place}/data`, 500 * K),
      training(place, [...MLP, ...UNTRAINED, "--batch-size", "10k"]),
    ],
    jobs: (place, points) => [
      { stage: "landscape MLP", words: slicing(place, ["--points", String(points)]), most: 1 },
    ],
  },
  {
    name: "files",
    values: [1, 10, 100, K, 10 * K, 100 * K],
    quick: [1, 10, 100],
    jobs(place, files) {
      const rows = ["--shard-rows", String(M / files)];
      return [
        { stage: "generate", words: generating(`${place}/data`, M, 2, rows), most: 1 },
        { stage: "inspect", words: [MAIN, "inspect", `${place}/data`], most: 1 },
        { stage: "verify", words: [MAIN, "verify", `${place}/data`], most: 1 },
        { stage: "stream global", words: reading(place, "global"), most: 1 },
      ];
    },
  },
];

/** Runs a program of Node once. */
async function runOnce(
  words: readonly string[],
  place: string,
): Promise<Omit<GrowthPoint, "value">> {
  const file = path.join(place, "usage.json");
  const usage = ["--import", path.join(HERE, "peers/usage.js")];
  const quiet = words[0] === MAIN ? ["--quiet"] : [];
  const env = { ...process.env, VADI_BENCH_USAGE: file };
  const started = performance.now();
  try {
    await promisify(execFile)(process.execPath, [...usage, ...words, ...quiet], {
      env,
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    throw failure(`${words.slice(1, 3).join(" ")} failed: ${messageOf(error)}`, error);
  }
  const seconds = (performance.now() - started) / 1000;
  return {
    seconds,
    ...(JSON.parse(await readFile(file, "utf8")) as Omit<GrowthPoint, "value" | "seconds">),
  };
}

/** The slope of the least-squares line through the logarithms of the last three points. */
export function exponentOf(points: readonly { value: number; seconds: number }[]): number {
  const last = points.slice(-3).map(({ value, seconds }) => [Math.log(value), Math.log(seconds)]);
  const mean = (at: number): number => last.reduce((sum, one) => sum + one[at]!, 0) / last.length;
  const [x, y] = [mean(0), mean(1)];
  const above = last.reduce((sum, one) => sum + (one[0]! - x) * (one[1]! - y), 0);
  return above / last.reduce((sum, one) => sum + (one[0]! - x) ** 2, 0);
}

async function measureVariable(
  variable: Variable,
  { values, runs, folder }: { values: readonly number[]; runs: number; folder: string },
): Promise<GrowthSeries[]> {
  const series = new Map<string, GrowthSeries>();
  for (const value of values) {
    const place = await mkdtemp(path.join(folder, "growth-"));
    try {
      for (const words of variable.prepare?.(place, value) ?? []) await runOnce(words, place);
      for (const { stage, words, most, rows = 1 } of variable.jobs(place, value)) {
        note(`${variable.name} ${formatCount(value)}: ${stage}`);
        const samples = [];
        for (let run = 0; run < runs; run++) samples.push(await runOnce(words, place));
        const unit = rows === 1 ? "s" : "s a row";
        const { points } =
          series.get(stage) ??
          (series
            .set(stage, { stage, variable: variable.name, unit, points: [], exponent: NaN, most })
            .get(stage) as GrowthSeries);
        points.push({
          value,
          seconds: median(samples.map(({ seconds }) => seconds)) / rows,
          cpuSeconds: median(samples.map(({ cpuSeconds }) => cpuSeconds)) / rows,
          peakRssBytes: Math.max(...samples.map(({ peakRssBytes }) => peakRssBytes)),
        });
      }
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }
  return [...series.values()].map((one) => ({ ...one, exponent: exponentOf(one.points) }));
}

/** What an exponent may be above the one that is needed: noise, and a cache that a larger job does not fit. */
const SLACK = 0.1;

function ratios(series: readonly GrowthSeries[]): Ratio[] {
  return series.map(({ stage, variable, exponent, most }) => ({
    name: `${stage}: exponent of time in ${variable}`,
    value: exponent,
    goal: `at most ${most + SLACK}`,
  }));
}

function table(series: readonly GrowthSeries[]): string[] {
  return columns([
    ["", "value", "wall time", "processor time", "peak memory"],
    ...series.flatMap(({ stage, variable, unit, points }) =>
      points.map(({ value, seconds, cpuSeconds, peakRssBytes }) => [
        `${variable}: ${stage}`,
        formatCount(value),
        `${seconds.toPrecision(3)} ${unit}`,
        `${cpuSeconds.toPrecision(3)} ${unit}`,
        formatBytes(peakRssBytes),
      ]),
    ),
  ]);
}

/**
 * Measures how costs grow.
 *
 * @param words `--only rows,files --quick --runs 1 --folder .bench --json`
 * @returns what is to be printed
 */
export async function benchGrowth(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: {
      ...COMMON,
      only: { type: "string", default: VARIABLES.map(({ name }) => name).join(",") },
      quick: { type: "boolean", default: false },
      runs: { type: "string", default: "1" },
    },
  });
  const { runs, folder, json } = await readCommon(values);
  delete process.env["NODE_EXTRA_CA_CERTS"];
  const only = values.only.split(",");
  const measured: GrowthSeries[] = [];
  for (const variable of VARIABLES.filter(({ name }) => only.includes(name))) {
    const sizes = values.quick ? variable.quick : variable.values;
    measured.push(...(await measureVariable(variable, { values: sizes, runs, folder })));
  }
  const machine = machineFacts([]);
  if (json) {
    const document = {
      concern: "growth",
      runs,
      machine,
      series: measured,
      ratios: ratios(measured),
    };
    return JSON.stringify(document, undefined, 2);
  }
  return [
    `growth: whole processes, medians of ${runs} runs; exponents of the last three values`,
    ...describeMachine(machine),
    "",
    ...table(measured),
    "",
    ...ratioTable(ratios(measured)),
  ].join("\n");
}
