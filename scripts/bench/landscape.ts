import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatCount } from "../../src/common/text/numbers.js";
import { generate, train } from "../../src/index.js";
import type { LandscapeOptions } from "../../src/index.js";
import { describeMachine, machineFacts } from "./machine.js";
import { measure, runProgram, type Entrant, type Measurement } from "./measure.js";
import {
  atLeastOne,
  COMMON,
  HERE,
  note,
  openPeers,
  readCommon,
  SOURCES,
  whyMissing,
} from "./options.js";
import type { Python } from "./python.js";
import { measurementTable, ratioTable, type Ratio } from "./tables.js";

/*
 * How fast landscapes are computed, beside a loop over batches and points in PyTorch and beside
 * loss-landscapes. vadi reads its rows from files and writes its tables; the others have everything
 * in memory and write nothing.
 */

const FEATURES = 10;
const BATCH = 10_000;
/** The MLP 10-40-20-1. */
const SHAPES = [
  [10, 40],
  [40, 20],
  [20, 1],
];
/** Rows of loss-landscapes' metric where it gets all, as its README has it. */
const AT_ONCE = 100_000;
/** Rows of its metric in its example notebooks: one minibatch of a DataLoader. */
const MINIBATCH = 512;
const LINE = 100;
/** The scales of slices: the fewer units switch between two points, the less vadi computes. The notebook has 2. */
const SCALES = [0.01, 0.5, 2] as const;
const SIDE = 51;

const NAMES = {
  line: "vadi, MLP, 100 points",
  scaled: (scale: number) => `vadi, MLP, 100 points, scale ${scale}`,
  torchLine: "torch loop, MLP, 100 points",
  library: "loss-landscapes, as in its README",
  libraryKept: "loss-landscapes, memory kept",
  libraryBatches: "loss-landscapes, batches of 10k, memory kept",
  minibatch: "vadi, MLP, batches of 512",
  libraryMinibatch: "loss-landscapes, batches of 512, memory kept",
  plane: "vadi, MLP, 51x51",
  torchPlane: "torch loop, MLP, 51x51",
  linear: "vadi, linear, 100 points",
  linearMany: "vadi, linear, 1001 points",
};

/**
 * glibc gives the memory of large tensors back to the system after every operation, and PyTorch is
 * then up to four times as slow. It shall keep it for the loop, and for the library in all cases but
 * one: as its README has it, in an environment as it is, one metric over all rows.
 */
const KEEP_MEMORY: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: "1073741824",
  MALLOC_TRIM_THRESHOLD_: "4294967296",
  MALLOC_TOP_PAD_: "268435456",
};

interface Sizes {
  rows: number;
  linearRows: number;
}

/** Rows of a plane, which has 26 times as many points as a line and is slow in a loop: whole batches. */
function planeRows(rows: number): number {
  return Math.min(rows, Math.ceil(rows / 50 / BATCH) * BATCH);
}

/** Makes the data and the untrained models that the landscapes are about. */
async function prepare(place: string, { rows, linearRows }: Sizes): Promise<void> {
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

function entrants(place: string, sizes: Sizes, python: Python | undefined): Entrant[] {
  const { rows, linearRows } = sizes;
  const vadi = (name: string, run: string, count: number, given: LandscapeOptions): Entrant => ({
    name,
    rows: count,
    run: (out) =>
      runProgram(process.execPath, [
        path.join(HERE, "peers/landscape.js"),
        JSON.stringify({ run: path.join(place, run), out, options: given }),
      ]),
  });
  const torch = (
    name: string,
    count: number,
    points: number,
    more: object,
    environment = KEEP_MEMORY,
  ): Entrant => ({
    name,
    rows: count,
    run: () =>
      runProgram(
        python!.program,
        [
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
        ],
        environment,
      ),
  });
  const few = planeRows(rows);
  const planeBatches = Math.ceil(few / BATCH);
  const both = { directions: [path.join(place, "first"), path.join(place, "second")] };
  const plane = { plane: true, points: [SIDE, SIDE], batches: planeBatches } as const;
  const atOnce = { library: true, batchSize: AT_ONCE };
  const most = Math.min(rows, AT_ONCE);
  const minibatches = { library: true, batchSize: MINIBATCH };
  const line = { points: LINE, batches: "all" } as const;
  const list: { entrant: Entrant; python?: boolean }[] = [
    { entrant: vadi(NAMES.line, "mlp", rows, line) },
    ...SCALES.map((scale) => ({
      entrant: vadi(NAMES.scaled(scale), "mlp", rows, { ...line, scale }),
    })),
    { entrant: torch(NAMES.torchLine, rows, LINE, {}), python: true },
    { entrant: torch(NAMES.library, most, LINE, atOnce, {}), python: true },
    { entrant: torch(NAMES.libraryKept, most, LINE, atOnce), python: true },
    { entrant: torch(NAMES.libraryBatches, rows, LINE, { library: true }), python: true },
    { entrant: vadi(NAMES.minibatch, "mlp", rows, { ...line, batchSize: MINIBATCH }) },
    { entrant: torch(NAMES.libraryMinibatch, most, LINE, minibatches), python: true },
    { entrant: vadi(NAMES.plane, "mlp", few, plane) },
    { entrant: torch(NAMES.torchPlane, few, SIDE, both), python: true },
    ...[
      { name: NAMES.linear, points: LINE },
      { name: NAMES.linearMany, points: 1001 },
    ].map(({ name, points }) => ({
      entrant: vadi(name, "linear", linearRows, { points, batches: "all" }),
    })),
  ];
  return list
    .filter(({ python: needed = false }) => !needed || python !== undefined)
    .map(({ entrant }) => entrant);
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
    ...SCALES.map((scale) => ({
      name: `line / torch loop, scale ${scale}`,
      value: speed(NAMES.scaled(scale)) / speed(NAMES.torchLine),
      goal: "5",
    })),
    ...[
      { name: "as in its README", ours: NAMES.line, theirs: NAMES.library, goal: "15, aim 20" },
      { name: "memory kept", ours: NAMES.line, theirs: NAMES.libraryKept, goal: "–" },
      { name: "batches of 10k", ours: NAMES.line, theirs: NAMES.libraryBatches, goal: "–" },
      { name: "batches of 512", ours: NAMES.minibatch, theirs: NAMES.libraryMinibatch, goal: "–" },
    ].map(({ name, ours, theirs, goal }) => ({
      name: `line / loss-landscapes, ${name}`,
      value: speed(ours) / speed(theirs),
      goal,
    })),
    {
      name: "51x51 / torch loop",
      value: speed(NAMES.plane) / speed(NAMES.torchPlane),
      goal: "3",
    },
    ...[NAMES.linear, NAMES.linearMany].map((name) => ({
      name: `${name.slice("vadi, ".length)}: M rows/s`,
      value: speed(name) / 1e6,
      goal: "25",
    })),
  ];
  return list.filter(({ value }) => !Number.isNaN(value));
}

/**
 * Measures landscapes.
 *
 * @param words `--rows 5M --linear-rows 40M --runs 3 --folder .bench --skip-python --json`
 * @returns what is to be printed
 */
export async function benchLandscape(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: {
      rows: { type: "string", default: "5M" },
      "linear-rows": { type: "string", default: "40M" },
      ...COMMON,
    },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const linearRows = atLeastOne(values["linear-rows"], "--linear-rows");
  const common = await readCommon(values);
  const { runs, folder, json } = common;
  const python = await openPeers("landscape.txt", common);
  const place = await mkdtemp(path.join(folder, "landscape-"));
  let measured: Measurement[];
  try {
    await prepare(place, { rows, linearRows });
    const list = entrants(place, { rows, linearRows }, python);
    measured = await measure(list, runs, place, ({ name }, run) =>
      note(`run ${run + 1} of ${runs}: ${name}`),
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  const machine = machineFacts(python?.versions ?? []);
  if (json) {
    const told = { rows, linearRows, batchSize: BATCH, runs, machine };
    return JSON.stringify(
      { concern: "landscape", ...told, measured, ratios: ratios(measured) },
      undefined,
      2,
    );
  }
  const used = measured.find(({ name }) => name === NAMES.line)?.told;
  return [
    `landscape: MLP 10-40-20-1, ${formatCount(rows)} rows, batches of ${formatCount(BATCH)}; 51x51 ${formatCount(planeRows(rows))} rows; linear ${formatCount(linearRows)}; medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    `vadi's method for the MLP: ${String(used?.["method"])} (${String(used?.["simd"])} SIMD); it reads files and writes tables, the others do neither.`,
    ...whyMissing(python, common, "PyTorch and loss-landscapes are"),
    "",
    ...measurementTable(measured),
    "",
    ...ratioTable(ratios(measured)),
  ].join("\n");
}
