import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatCount, parseCount } from "../../src/common/counts.js";
import { generate, train } from "../../src/index.js";
import type { LandscapeOptions } from "../../src/index.js";
import { describeMachine, machineFacts } from "./machine.js";
import { measure, runProgram, type Entrant, type Measurement } from "./measure.js";
import { openPython, type Python } from "./python.js";
import { measurementTable, ratioTable, type Ratio } from "./tables.js";

/*
 * How fast landscapes are computed, beside a loop over batches and points in PyTorch and beside
 * loss-landscapes. vadi reads its rows from files and writes its tables; the others have everything
 * in memory and write nothing.
 */

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = path.join(HERE, "../../..");
const SOURCES = path.join(ROOT, "scripts/bench");
const FEATURES = 10;
const BATCH = 10_000;
/** The MLP 10-40-20-1. */
const SHAPES = [
  [10, 40],
  [40, 20],
  [20, 1],
];
const LINE = 100;
const SIDE = 51;

const NAMES = {
  line: "vadi, MLP, 100 points",
  torchLine: "torch loop, MLP, 100 points",
  library: "loss-landscapes, MLP, 100 points",
  plane: "vadi, MLP, 51x51",
  torchPlane: "torch loop, MLP, 51x51",
  linear: "vadi, linear, 100 points",
  linearMany: "vadi, linear, 10 000 points",
};

interface Options {
  rows: number;
  linearRows: number;
  runs: number;
  folder: string;
  skipPython: boolean;
}

function readOptions(words: string[]): Options {
  const { values } = parseArgs({
    args: words,
    options: {
      rows: { type: "string", default: "200k" },
      "linear-rows": { type: "string", default: "10M" },
      runs: { type: "string", default: "3" },
      folder: { type: "string", default: path.join(ROOT, ".bench") },
      "skip-python": { type: "boolean", default: false },
    },
  });
  return {
    rows: Math.max(1, parseCount(values.rows, "--rows")),
    linearRows: Math.max(1, parseCount(values["linear-rows"], "--linear-rows")),
    runs: Math.max(1, parseCount(values.runs, "--runs")),
    folder: path.resolve(values.folder),
    skipPython: values["skip-python"],
  };
}

function note(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** Rows of a plane, which has 26 times as many points as a line: whole batches, as of the line. */
function planeRows(rows: number): number {
  return Math.min(rows, Math.ceil(rows / 10 / BATCH) * BATCH);
}

/** Makes the data and the untrained models that the landscapes are about. */
async function prepare(place: string, { rows, linearRows }: Options): Promise<void> {
  const spec = { kind: "lsm", features: FEATURES, seed: 42 } as const;
  for (const [name, count, model] of [
    ["mlp", rows, "mlp"],
    ["linear", linearRows, "linear"],
  ] as const) {
    const dataset = await generate({ ...spec, rows: count, out: path.join(place, `data-${name}`) });
    const out = path.join(place, name);
    await train(dataset, { model, epochs: 0, batchSize: BATCH, out });
  }
  const count = SHAPES.reduce((sum, [inputs = 0, outputs = 0]) => sum + inputs * outputs, 0);
  for (const name of ["centre", "first", "second"]) {
    // Which weights they are makes no difference to a loop over points.
    const weights = Float32Array.from({ length: count }, (_, at) => Math.sin(at + name.length));
    await writeFile(path.join(place, name), weights);
  }
}

function entrants(place: string, options: Options, python: Python | undefined): Entrant[] {
  const { rows, linearRows } = options;
  const vadi = (name: string, run: string, count: number, given: LandscapeOptions): Entrant => ({
    name,
    rows: count,
    run: (out) =>
      runProgram(process.execPath, [
        path.join(HERE, "peers/landscape.js"),
        JSON.stringify({ run: path.join(place, run), out, options: given }),
      ]),
  });
  const torch = (name: string, count: number, points: number, more: object): Entrant => ({
    name,
    rows: count,
    run: () =>
      runProgram(python!.program, [
        "-B",
        path.join(SOURCES, "peers/torch_landscape.py"),
        JSON.stringify({
          rows: count,
          features: FEATURES,
          batchSize: BATCH,
          points,
          shapes: SHAPES,
          centre: path.join(place, "centre"),
          directions: [path.join(place, "first")],
          library: false,
          ...more,
        }),
      ]),
  });
  const few = planeRows(rows);
  const planeBatches = Math.ceil(few / BATCH);
  const both = { directions: [path.join(place, "first"), path.join(place, "second")] };
  const plane = { plane: true, points: [SIDE, SIDE], batches: planeBatches } as const;
  const peers =
    python === undefined
      ? []
      : [
          torch(NAMES.torchLine, rows, LINE, {}),
          torch(NAMES.library, rows, LINE, { library: true }),
          torch(NAMES.torchPlane, few, SIDE, both),
        ];
  return [
    vadi(NAMES.line, "mlp", rows, { points: LINE, batches: "all" }),
    ...peers.slice(0, 2),
    vadi(NAMES.plane, "mlp", few, plane),
    ...peers.slice(2),
    vadi(NAMES.linear, "linear", linearRows, { points: LINE, batches: "all" }),
    vadi(NAMES.linearMany, "linear", linearRows, {
      points: 10_000,
      batches: "all",
      keep: "summary",
    }),
  ];
}

function ratios(measured: readonly Measurement[]): Ratio[] {
  const speed = (name: string): number =>
    measured.find((measurement) => measurement.name === name)?.rowsPerSecond ?? NaN;
  const list: Ratio[] = [
    {
      name: "line: M row-points/s",
      value: (speed(NAMES.line) * LINE) / 1e6,
      goal: "–",
    },
    {
      name: "line / torch loop",
      value: speed(NAMES.line) / speed(NAMES.torchLine),
      goal: "4, aim 5",
    },
    {
      name: "line / loss-landscapes",
      value: speed(NAMES.line) / speed(NAMES.library),
      goal: "15, aim 20",
    },
    {
      name: "51x51 / torch loop",
      value: speed(NAMES.plane) / speed(NAMES.torchPlane),
      goal: "3",
    },
    { name: "linear, 100 points: M rows/s", value: speed(NAMES.linear) / 1e6, goal: "25" },
    {
      name: "linear, 10 000 points: M rows/s",
      value: speed(NAMES.linearMany) / 1e6,
      goal: "25",
    },
  ];
  return list.filter(({ value }) => !Number.isNaN(value));
}

/**
 * Measures landscapes.
 *
 * @param words `--rows 200k --linear-rows 10M --runs 3 --folder .bench --skip-python`
 * @returns what is to be printed
 */
export async function benchLandscape(words: string[]): Promise<string> {
  const options = readOptions(words);
  const { rows, runs, folder, skipPython } = options;
  await mkdir(folder, { recursive: true });
  const python = skipPython
    ? undefined
    : await openPython(path.join(SOURCES, "requirements/landscape.txt"), folder, note);
  const place = await mkdtemp(path.join(folder, "landscape-"));
  try {
    await prepare(place, options);
    const measured = await measure(entrants(place, options, python), runs, place, ({ name }, run) =>
      note(`run ${run + 1} of ${runs}: ${name}`),
    );
    const used = measured.find(({ name }) => name === NAMES.line)?.told;
    return [
      `landscape: MLP 10-40-20-1, ${formatCount(rows)} rows, batches of ${formatCount(BATCH)}; 51x51 ${formatCount(planeRows(rows))} rows; linear ${formatCount(options.linearRows)}; medians of ${runs} interleaved runs (least – most)`,
      ...describeMachine(machineFacts(python?.versions ?? [])),
      `vadi's method for the MLP: ${String(used?.["method"])} (${String(used?.["simd"])} SIMD); it reads files and writes tables, the others do neither.`,
      ...(python === undefined ? ["Without PyTorch and loss-landscapes."] : []),
      "",
      ...measurementTable(measured),
      "",
      ...ratioTable(ratios(measured)),
    ].join("\n");
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
