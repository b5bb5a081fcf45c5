import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { formatCount } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { generate } from "../../src/index.js";
import type { ShuffleMode } from "../../src/stream/index.js";
import { describeMachine, machineFacts } from "./machine.js";
import { median, runProgram } from "./measure.js";
import {
  atLeastOne,
  COMMON,
  HERE,
  MAIN,
  note,
  openPeers,
  readCommon,
  SOURCES,
  whyMissing,
} from "./options.js";
import { packRows } from "./packed-rows.js";
import { columns, ratioTable, type Ratio } from "./tables.js";

/*
 * What a user waits for with default options and a fresh process: commands that do nothing or little, and the
 * first epoch of a loader. Every time is that of the whole process, from its start to its end.
 */

const FEATURES = 10;
const BATCH = 10_000;
/** Rows of the jobs that show the fixed cost: they take no time themselves. */
const FEW_ROWS = 1000;
const NODE = "node -e 0";

interface Entrant {
  name: string;
  /** Rows of the epoch; 0 for a command. */
  rows: number;
  /** Runs the process, and gives what it tells of its epoch. */
  run(): Promise<{ seconds: number; firstBatch: number; peakRssBytes: number } | undefined>;
}

interface Measured {
  name: string;
  rows: number;
  /** Of the whole process. */
  seconds: { median: number; least: number; most: number };
  /** Medians of what the process tells of its epoch. */
  epoch?: { seconds: number; firstBatch: number; peakRssBytes: number };
}

function command(name: string, words: readonly string[]): Entrant {
  return {
    name,
    rows: 0,
    async run() {
      await promisify(execFile)(process.execPath, words);
      return undefined;
    },
  };
}

function vadiCommand(words: readonly string[]): Entrant {
  const shown = words.filter((word) => !path.isAbsolute(word) && !word.startsWith("--f"));
  return command(`vadi ${shown.slice(0, 1).join(" ")}`, [MAIN, ...words]);
}

function loaders(place: string, rows: number, python: string | undefined): Entrant[] {
  const program = path.join(HERE, "peers/first-epoch.js");
  const own = (["none", "window", "global"] satisfies ShuffleMode[]).map((shuffle) => ({
    name: `epoch: vadi ${shuffle}`,
    rows,
    run: async () => {
      const options = { source: path.join(place, "data"), shuffle, batchSize: BATCH };
      return epochOf(await runProgram(process.execPath, [program, JSON.stringify(options)]));
    },
  }));
  if (python === undefined) return own;
  const peers = [false, true].map((permuted) => ({
    name: permuted ? NUMPY_PERMUTED : "epoch: NumPy memmap, in order",
    rows,
    run: async () => {
      const packed = path.join(place, "packed");
      const options = { packed, rows, features: FEATURES, batchSize: BATCH, permuted };
      const words = ["-B", path.join(SOURCES, "peers/first_epoch.py"), JSON.stringify(options)];
      return epochOf(await runProgram(python, words));
    },
  }));
  return [...own, ...peers];
}

const NUMPY_PERMUTED = "epoch: NumPy memmap, permutation";

function epochOf(sample: Record<string, unknown>): NonNullable<Measured["epoch"]> {
  const { seconds, firstBatch, peakRssBytes } = sample;
  return {
    seconds: Number(seconds),
    firstBatch: Number(firstBatch),
    peakRssBytes: Number(peakRssBytes),
  };
}

function commands(place: string): Entrant[] {
  const few = path.join(place, "few");
  const run = path.join(place, "run");
  return [
    command(NODE, ["-e", "0"]),
    vadiCommand(["--version"]),
    vadiCommand(["--help"]),
    vadiCommand(["inspect", few]),
    vadiCommand(["generate", "lsm", "--rows", String(FEW_ROWS), "--out", few, "--force"]),
    vadiCommand(["train", few, "--out", run, "--force"]),
    vadiCommand(["landscape", run, "--force"]),
  ];
}

async function measureAll(entrants: readonly Entrant[], runs: number): Promise<Measured[]> {
  const walls = entrants.map((): number[] => []);
  const told = entrants.map((): NonNullable<Measured["epoch"]>[] => []);
  // The first run warms the page cache and Node's cache of compiled code, and does not count.
  for (let run = 0; run <= runs; run++) {
    note(run === 0 ? "warming up" : `run ${run} of ${runs}`);
    for (const [index, entrant] of entrants.entries()) {
      const started = performance.now();
      const epoch = await entrant.run();
      if (run === 0) continue;
      walls[index]?.push((performance.now() - started) / 1000);
      if (epoch !== undefined) told[index]?.push(epoch);
    }
  }
  return entrants.map(({ name, rows }, index): Measured => {
    const own = walls[index] ?? [];
    const epochs = told[index] ?? [];
    const of = (key: keyof NonNullable<Measured["epoch"]>): number =>
      median(epochs.map((epoch) => epoch[key]));
    return {
      name,
      rows,
      seconds: { median: median(own), least: Math.min(...own), most: Math.max(...own) },
      ...(epochs.length > 0 && {
        epoch: {
          seconds: of("seconds"),
          firstBatch: of("firstBatch"),
          peakRssBytes: of("peakRssBytes"),
        },
      }),
    };
  });
}

function milliseconds(seconds: number): string {
  return (1000 * seconds).toFixed(0);
}

function table(measured: readonly Measured[]): string[] {
  return columns([
    ["milliseconds", "process", "least – most", "epoch", "first batch", "M rows/s", "peak memory"],
    ...measured.map(({ name, rows, seconds, epoch }) => [
      name,
      milliseconds(seconds.median),
      `${milliseconds(seconds.least)} – ${milliseconds(seconds.most)}`,
      ...(epoch === undefined
        ? ["", "", "", ""]
        : [
            milliseconds(epoch.seconds),
            milliseconds(epoch.firstBatch),
            (rows / epoch.seconds / 1e6).toFixed(1),
            formatBytes(epoch.peakRssBytes),
          ]),
    ]),
  ]);
}

/** What the goals speak of. */
function ratios(measured: readonly Measured[]): Ratio[] {
  const find = (name: string): Measured | undefined => measured.find((one) => one.name === name);
  const process = (name: string): number => find(name)?.seconds.median ?? NaN;
  const speed = (name: string): number => {
    const { rows = NaN, epoch } = find(name) ?? {};
    return rows / (epoch?.seconds ?? NaN) / 1e6;
  };
  const node = process(NODE);
  const list: Ratio[] = [
    ...(["--version", "--help"] as const).map((name) => ({
      name: `vadi ${name} / ${NODE}`,
      value: process(`vadi ${name}`) / node,
      goal: "at most 1.3",
    })),
    { name: `vadi inspect / ${NODE}`, value: process("vadi inspect") / node, goal: "at most 2.5" },
    ...(["generate", "train", "landscape"] as const).map((name) => ({
      name: `vadi ${name}, fixed cost in seconds`,
      value: process(`vadi ${name}`),
      goal: "at most 0.25",
    })),
    { name: "epoch, none: M rows/s", value: speed("epoch: vadi none"), goal: "40" },
    { name: "epoch, window: M rows/s", value: speed("epoch: vadi window"), goal: "25" },
    {
      name: "epoch, global / NumPy, permutation",
      value: speed("epoch: vadi global") / speed(NUMPY_PERMUTED),
      goal: "1.5",
    },
    {
      name: "whole process, global / NumPy, permutation",
      value: process(NUMPY_PERMUTED) / process("epoch: vadi global"),
      goal: "–",
    },
  ];
  return list.filter(({ value }) => !Number.isNaN(value));
}

/**
 * Measures starts.
 *
 * @param words `--rows 5M --runs 9 --folder .bench --skip-python --json`
 * @returns what is to be printed
 */
export async function benchStart(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: { rows: { type: "string", default: "5M" }, ...COMMON },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const common = await readCommon(values);
  const { runs, folder, json } = common;
  const python = await openPeers("start.txt", common);
  // Where it is set, every Node reads certificates at its start, which takes as long as the rest of it.
  delete process.env["NODE_EXTRA_CA_CERTS"];
  const place = await mkdtemp(path.join(folder, "start-"));
  let measured: Measured[];
  try {
    const data = path.join(place, "data");
    await generate({ kind: "lsm", rows, features: FEATURES, out: data });
    await generate({ kind: "lsm", rows: FEW_ROWS, out: path.join(place, "few") });
    if (python !== undefined) await packRows(data, path.join(place, "packed"));
    const entrants = [...commands(place), ...loaders(place, rows, python?.program)];
    measured = await measureAll(entrants, runs);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  const machine = machineFacts(python?.versions ?? []);
  if (json) {
    const told = { rows, features: FEATURES, batchSize: BATCH, runs, machine };
    return JSON.stringify(
      { concern: "start", ...told, measured, ratios: ratios(measured) },
      undefined,
      2,
    );
  }
  return [
    `start: whole processes with default options, medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    `Commands work on ${formatCount(FEW_ROWS)} rows, epochs go through ${formatCount(rows)} rows × ${FEATURES} features in batches of ${formatCount(BATCH)}.`,
    ...whyMissing(python, common, "its programs are"),
    "",
    ...table(measured),
    "",
    ...ratioTable(ratios(measured)),
  ].join("\n");
}
