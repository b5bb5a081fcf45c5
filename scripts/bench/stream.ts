import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatCount } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { generate } from "../../src/index.js";
import type { ShuffleMode } from "../../src/stream/index.js";
import { packRows } from "./packed-rows.js";
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
import { dropFromCache, fillCache, hasDirectReads } from "./page-cache.js";
import type { Python } from "./python.js";
import { measurementTable, ratioTable, type Ratio } from "./tables.js";

/*
 * How fast batches come, beside what one would use instead and what the disk can do. Every program
 * is a process of its own and times one epoch after a warm-up, over files in the page cache unless it
 * says cold.
 */

const FEATURES = 10;
const ROW_BYTES = (FEATURES + 1) * 4;
const BATCH = 10_000;
const MIB = 2 ** 20;
const BUDGET = 256 * MIB;
const BLOCK = 4 * MIB;

/** The files that the programs read. */
interface Files {
  arrow: string;
  parquet: string;
  /** Rows of D features and the target, float32, and nothing else. */
  packed: string;
}

interface Options {
  rows: number;
  files: Files;
  folder: string;
  python: Python | undefined;
  mosaicml: Python | undefined;
}

const NAMES = {
  dd: "dd, cold",
  cache: "plain: read twice, write once",
  disk: "plain: read twice, write once, past the cache",
  numpyPermuted: "NumPy memmap, permutation",
};

function shardsOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith("shard-"))
    .toSorted()
    .map((file) => path.join(folder, file));
}

function vadi(
  { files, folder, rows }: Options,
  name: string,
  how: { format?: "arrow" | "parquet"; shuffle: ShuffleMode } & Record<string, unknown>,
  cold = false,
): Entrant {
  const { format = "arrow", ...rest } = how;
  const source = files[format];
  const options = { memory: BUDGET, batchSize: BATCH, recycle: true, scratch: folder, ...rest };
  return {
    name: `vadi ${how.shuffle}, ${format}${name}`,
    rows,
    run: async () => {
      const shards = shardsOf(source);
      fillCache(shards);
      const words = JSON.stringify({ source, cold: cold ? shards : [], ...options });
      return runProgram(process.execPath, [path.join(HERE, "peers/stream-vadi.js"), words]);
    },
  };
}

/** Rows that are not all there is, for programs that would take minutes. */
function few(rows: number, most: number): number {
  return Math.min(rows, most);
}

function pythonRows({ rows, files, python }: Options): Entrant[] {
  if (python === undefined) return [];
  const entrant = (name: string, how: string, count: number, warm: boolean): Entrant => ({
    name,
    rows: count,
    run: () =>
      runProgram(python.program, [
        "-B",
        path.join(SOURCES, "peers/stream_rows.py"),
        JSON.stringify({
          how,
          rows: count,
          rowsInFile: rows,
          features: FEATURES,
          batchSize: BATCH,
          packed: files.packed,
          warm,
        }),
      ]),
  });
  return [
    entrant("NumPy memmap, in order", "numpy", rows, true),
    entrant(NAMES.numpyPermuted, "numpy-permuted", rows, true),
    entrant("torch tensors in memory, permutation", "torch-permuted", rows, true),
    entrant("torch DataLoader, 0 workers", "torch-loader-0", few(rows, 200_000), false),
    entrant("torch DataLoader, 2 workers", "torch-loader-2", few(rows, 200_000), false),
    entrant("Hugging Face datasets, in order", "datasets", few(rows, 200_000), false),
    entrant("Hugging Face datasets, shuffled", "datasets-shuffled", few(rows, 50_000), false),
    entrant("Hugging Face streaming, buffer", "datasets-streaming", few(rows, 50_000), false),
  ];
}

function mosaicmlRows({ rows, files, mosaicml }: Options): Entrant[] {
  if (mosaicml === undefined) return [];
  const count = few(rows, 50_000);
  const words = { rows: count, rowsInFile: rows, features: FEATURES, batchSize: BATCH };
  return [
    {
      name: "MosaicML streaming, shuffled",
      rows: count,
      run: (out) =>
        runProgram(mosaicml.program, [
          "-B",
          path.join(SOURCES, "peers/stream_mosaicml.py"),
          JSON.stringify({ ...words, packed: files.packed, out }),
        ]),
    },
  ];
}

/** The bytes of all shards through `dd`, one process a file. */
function dd({ rows, files }: Options): Entrant {
  const shards = shardsOf(files.arrow);
  return {
    name: NAMES.dd,
    rows,
    async run() {
      dropFromCache(shards);
      const started = performance.now();
      for (const file of shards) {
        spawnSync("dd", [`if=${file}`, "of=/dev/null", `bs=${BLOCK}`], { stdio: "ignore" });
      }
      return { seconds: (performance.now() - started) / 1000, peakRssBytes: 0 };
    },
  };
}

function plainDisk({ rows, files, folder }: Options, name: string, direct: boolean): Entrant {
  const shards = shardsOf(files.arrow);
  return {
    name,
    rows,
    async run() {
      if (direct) dropFromCache(shards);
      else fillCache(shards);
      const scratch = path.join(folder, "plain-scratch");
      const words = JSON.stringify({ files: shards, scratch, direct });
      return runProgram(process.execPath, [path.join(HERE, "peers/stream-disk.js"), words]);
    },
  };
}

function entrants(options: Options): Entrant[] {
  const tenth = { shuffle: "global", memory: Math.floor((options.rows * ROW_BYTES) / 10) } as const;
  // All of the dataset in memory, and the buckets that are worked on.
  const held = Math.max(BUDGET, Math.ceil(options.rows * ROW_BYTES * 1.25));
  const [first = ""] = shardsOf(options.files.arrow);
  return [
    vadi(options, "", { shuffle: "none" }),
    vadi(options, "", { shuffle: "shards" }),
    vadi(options, "", { shuffle: "window" }),
    vadi(options, ", batches to keep", { shuffle: "window", recycle: false }),
    vadi(options, "", { shuffle: "global", memory: held }),
    vadi(options, ", 256 MiB", { shuffle: "global" }),
    ...pythonRows(options).slice(0, 3),
    vadi(options, "", { shuffle: "none", format: "parquet" }),
    vadi(options, "", { shuffle: "window", format: "parquet" }),
    vadi(options, "", { shuffle: "global", format: "parquet", memory: held }),
    vadi(options, ", a tenth in memory", tenth),
    plainDisk(options, NAMES.cache, false),
    ...(dropFromCache([first]) && hasDirectReads(first)
      ? [
          vadi(options, ", a tenth in memory, cold", tenth, true),
          plainDisk(options, NAMES.disk, true),
          vadi(options, ", cold", { shuffle: "none" }, true),
          dd(options),
        ]
      : []),
    ...pythonRows(options).slice(3),
    ...mosaicmlRows(options),
  ];
}

/** What the goals speak of. */
function ratios(measured: readonly Measurement[]): Ratio[] {
  const find = (name: string): Measurement | undefined =>
    measured.find((measurement) => measurement.name === name);
  const speed = (name: string): number => find(name)?.rowsPerSecond ?? NaN;
  const millions = (name: string): number => speed(name) / 1e6;
  const shuffled = speed("vadi global, arrow");
  // All but those of a larger or smaller budget.
  const budgets = measured.filter(
    ({ name }) => name.startsWith("vadi") && (!name.includes("global") || name.includes("256 MiB")),
  );
  const holds = measured
    .map(({ told }) => told["longestHold"])
    .filter((hold) => typeof hold === "number");
  const list: Ratio[] = [
    { name: "none, arrow: M rows/s", value: millions("vadi none, arrow"), goal: "40" },
    { name: "none, parquet: M rows/s", value: millions("vadi none, parquet"), goal: "10" },
    { name: "window, arrow: M rows/s", value: millions("vadi window, arrow"), goal: "25" },
    { name: "global in memory, arrow: M rows/s", value: shuffled / 1e6, goal: "15" },
    {
      name: "global in memory / NumPy memmap, permutation",
      value: shuffled / speed(NAMES.numpyPermuted),
      goal: "2",
    },
    {
      name: "global in memory / torch in memory, permutation",
      value: shuffled / speed("torch tensors in memory, permutation"),
      goal: "–",
    },
    {
      name: "global, a tenth in memory, cold / plain past the cache",
      value: speed("vadi global, arrow, a tenth in memory, cold") / speed(NAMES.disk),
      goal: "0.8",
    },
    {
      name: "global, a tenth in memory / plain, all in the cache",
      value: speed("vadi global, arrow, a tenth in memory") / speed(NAMES.cache),
      goal: "–",
    },
    {
      name: "none, cold / dd with blocks of 4 MiB",
      value: speed("vadi none, arrow, cold") / speed(NAMES.dd),
      goal: "0.85",
    },
    {
      name: "window / torch DataLoader, 2 workers",
      value: speed("vadi window, arrow") / speed("torch DataLoader, 2 workers"),
      goal: "–",
    },
    {
      name: "most memory of vadi over a budget of 256 MiB, MiB",
      value: (Math.max(...budgets.map((one) => one.peakRssBytes)) - BUDGET) / MIB,
      goal: "≤ 150",
    },
    { name: "longest hold of the event loop, ms", value: Math.max(...holds), goal: "≤ 20" },
  ];
  return list.filter(({ value }) => Number.isFinite(value));
}

async function makeFiles(rows: number, folder: string): Promise<Files> {
  note("Making the files that are read…");
  const files = {
    arrow: path.join(folder, "arrow"),
    parquet: path.join(folder, "parquet"),
    packed: path.join(folder, "packed"),
  };
  for (const format of ["arrow", "parquet"] as const) {
    await generate({ kind: "lsm", rows, features: FEATURES, format, out: files[format] });
  }
  await packRows(files.arrow, files.packed);
  return files;
}

/**
 * Measures the loader.
 *
 * @param words `--rows 5M --runs 3 --folder .bench --skip-python --json`
 * @returns what is to be printed
 */
export async function benchStream(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: { rows: { type: "string", default: "5M" }, ...COMMON },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const common = await readCommon(values);
  const { runs, folder, json } = common;
  const python = await openPeers("stream.txt", common);
  // Its own: it wants an older NumPy.
  const mosaicml = await openPeers("stream-mosaicml.txt", common);
  const place = await mkdtemp(path.join(folder, "stream-"));
  let measured: Measurement[];
  try {
    const files = await makeFiles(rows, place);
    const list = entrants({ rows, files, folder: place, python, mosaicml });
    measured = await measure(list, runs, place, ({ name }, run) =>
      note(`run ${run + 1} of ${runs}: ${name}`),
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  const versions = [...new Set([...(python?.versions ?? []), ...(mosaicml?.versions ?? [])])];
  const machine = machineFacts(versions);
  if (json) {
    const told = { rows, features: FEATURES, batchSize: BATCH, runs, machine };
    return JSON.stringify(
      { concern: "stream", ...told, measured, ratios: ratios(measured) },
      undefined,
      2,
    );
  }
  return [
    `stream: ${formatCount(rows)} rows × ${FEATURES} features in batches of ${formatCount(BATCH)}, medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    `The dataset has ${formatBytes(rows * ROW_BYTES)}; slow programs go through fewer rows.`,
    ...whyMissing(python, common, "its programs are"),
    "",
    ...measurementTable(measured),
    "",
    ...ratioTable(ratios(measured)),
  ].join("\n");
}
