import { closeSync, constants, createReadStream, openSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { rowBytes } from "../../src/storage/index.js";
import { formatCount } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { describeMachine, machineFacts } from "./machine.js";
import { measure, runProgram, type Entrant, type Measurement } from "./measure.js";
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
import type { Python } from "./python.js";
import { measurementTable, ratioTable, type Ratio } from "./tables.js";

/*
 * How fast datasets are made, beside NumPy with pyarrow, DuckDB, and the disk. Every program runs as
 * a process of its own and times its job alone, without its start; all that write files flush them to
 * disk in the same way.
 */

const FEATURES = 10;
const SEED = 42;
/** Of rows so wide that a record batch holds a few hundred of them. */
const WIDE_FEATURES = 10_000;
/** There are so many times fewer of them: a dataset of about twice the bytes. */
const WIDE_SHARE = 400;
const MEBIBYTE = 2 ** 20;
/** Of the same work; more would take most of a run's time, and its rows take as long each. */
const DUCKDB_ROWS = 8_000_000;
/** vadi's own default. */
const SHARD_ROWS = 1_000_000;

interface Options {
  rows: number;
  runs: number;
  folder: string;
  python: Python | undefined;
}

function peer(name: string, options: object): Promise<Awaited<ReturnType<typeof runProgram>>> {
  return runProgram(process.execPath, [
    path.join(HERE, "peers", `${name}.js`),
    JSON.stringify(options),
  ]);
}

/** The kernel without files. */
function kernelEntrant(kind: "lsm" | "two-layer-sigmoid", rows: number): Entrant {
  const spec = { kind, features: FEATURES, noise: 0.1, seed: SEED };
  return {
    name: `vadi kernel, ${kind}, one thread, no files`,
    rows,
    run: () => peer("kernel", { spec, rows }),
  };
}

/** The whole command, as a user runs it. */
function vadiEntrant(kind: string, format: string, rows: number, features = FEATURES): Entrant {
  const words = ["generate", kind, "--format", format, "--json", "--quiet"];
  const size = ["--rows", String(rows), "--features", String(features), "--seed", String(SEED)];
  const wide = features === FEATURES ? "" : `, ${features} features`;
  return {
    name: `vadi ${kind} → ${format}${wide}`,
    rows,
    run: (out) => runProgram(process.execPath, [MAIN, ...words, ...size, "--out", out]),
  };
}

/**
 * `vadi verify` of a dataset that is generated before, untimed, and lies on the disk alone, or is read
 * once before, and so lies in the system's cache.
 */
function verifyEntrant(rows: number, isCached: boolean): Entrant {
  const { run } = vadiEntrant("lsm", "arrow", rows);
  return {
    name: isCached ? NAMES.verify : NAMES.verifyDisk,
    rows,
    async run(out) {
      await run(out);
      if (isCached) {
        for (const name of await readdir(out)) await readThrough(path.join(out, name));
      }
      return runProgram(process.execPath, [MAIN, "verify", out, "--json", "--quiet"]);
    },
  };
}

async function readThrough(file: string): Promise<void> {
  for await (const piece of createReadStream(file, { highWaterMark: MEBIBYTE })) void piece;
}

/** Whether files of a folder can be written past the system's cache. */
function hasDirectWrites(folder: string): boolean {
  const { O_DIRECT, O_WRONLY, O_CREAT } = constants;
  if (O_DIRECT === undefined) return false;
  const file = path.join(folder, "direct");
  try {
    closeSync(openSync(file, O_WRONLY | O_CREAT | O_DIRECT));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file, { force: true });
  }
}

function pythonEntrant(
  { program }: Python,
  name: string,
  script: string,
  format: string,
  rows: number,
): Entrant {
  const rest = { format, compression: "none", rows, features: FEATURES, shardRows: SHARD_ROWS };
  return {
    name,
    rows,
    run: (out) =>
      runProgram(program, [
        "-B",
        path.join(SOURCES, "peers", `${script}.py`),
        JSON.stringify({ out, ...rest }),
      ]),
  };
}

const NAMES = {
  numpyArrow: "NumPy + pyarrow lsm → arrow",
  numpyParquet: "NumPy + pyarrow lsm → parquet",
  numpySigmoid: "NumPy two-layer-sigmoid in memory → arrow",
  duckdb: "DuckDB SQL lsm → parquet",
  write: "plain sequential write",
  writeHashed: "plain sequential write + SHA-256",
  writeDirect: "plain sequential write past the cache",
  verify: "vadi verify",
  verifyDisk: "vadi verify, from the disk",
  sha256: "SHA-256 from memory, one thread",
};

function entrants({ rows, folder, python }: Options): Entrant[] {
  const files = { rows, features: FEATURES, shardRows: SHARD_ROWS };
  const threads = availableParallelism();
  const write = { ...files, hash: false, direct: false };
  const duckdb = { ...files, rows: Math.min(rows, DUCKDB_ROWS), threads };
  const list: (Entrant | undefined)[] = [
    kernelEntrant("lsm", rows),
    kernelEntrant("two-layer-sigmoid", rows),
    vadiEntrant("lsm", "arrow", rows),
    python && pythonEntrant(python, NAMES.numpyArrow, "lsm", "arrow", rows),
    {
      name: NAMES.write,
      rows,
      run: (out) => peer("sequential-write", { out, ...write }),
    },
    {
      name: NAMES.writeHashed,
      rows,
      run: (out) => peer("sequential-write", { out, ...write, hash: true }),
    },
    hasDirectWrites(folder)
      ? {
          name: NAMES.writeDirect,
          rows,
          run: (out) => peer("sequential-write", { out, ...write, direct: true }),
        }
      : undefined,
    vadiEntrant("lsm", "parquet", rows),
    python && pythonEntrant(python, NAMES.numpyParquet, "lsm", "parquet", rows),
    { name: NAMES.duckdb, rows: duckdb.rows, run: (out) => peer("duckdb", { out, ...duckdb }) },
    vadiEntrant("two-layer-sigmoid", "arrow", rows),
    python && pythonEntrant(python, NAMES.numpySigmoid, "two_layer_sigmoid", "arrow", rows),
    verifyEntrant(rows, true),
    verifyEntrant(rows, false),
    {
      name: NAMES.sha256,
      rows,
      run: () => peer("sha256", { bytes: rows * rowBytes(FEATURES) }),
    },
    ...["arrow", "parquet"].map((format) =>
      vadiEntrant("lsm", format, Math.ceil(rows / WIDE_SHARE), WIDE_FEATURES),
    ),
  ];
  return list.filter((entrant) => entrant !== undefined);
}

/** What the goals speak of. Without Python, its ratios are missing. */
function ratios(measured: readonly Measurement[]): Ratio[] {
  const speed = (name: string): number =>
    measured.find((measurement) => measurement.name === name)?.rowsPerSecond ?? NaN;
  const peakMebibytes = Math.max(
    ...measured
      .filter(({ name }) => name.startsWith("vadi ") && name.includes("→"))
      .map(({ peakRssBytes }) => peakRssBytes / MEBIBYTE),
  );
  const sigmoid = measured.find(({ name }) => name === NAMES.numpySigmoid);
  const inMemory = sigmoid && sigmoid.rows / Number(sigmoid.told["inMemorySeconds"]);
  const arrow = speed("vadi lsm → arrow");
  const parquet = speed("vadi lsm → parquet");
  const twoLayers = speed("vadi two-layer-sigmoid → arrow");
  const list: Ratio[] = [
    {
      name: "kernel, lsm: M rows/s in one thread",
      value: speed("vadi kernel, lsm, one thread, no files") / 1e6,
      goal: "15",
    },
    { name: "lsm → arrow / NumPy + pyarrow", value: arrow / speed(NAMES.numpyArrow), goal: "3" },
    { name: "lsm → arrow / DuckDB SQL → parquet", value: arrow / speed(NAMES.duckdb), goal: "8" },
    {
      name: "lsm → arrow / plain write",
      value: arrow / speed(NAMES.write),
      goal: "0.9 where the disk is the limit",
    },
    {
      name: "lsm → arrow / plain write + SHA-256",
      value: arrow / speed(NAMES.writeHashed),
      goal: "–",
    },
    {
      name: "lsm → arrow / plain write past the cache",
      value: arrow / speed(NAMES.writeDirect),
      goal: "–",
    },
    {
      name: "lsm → parquet / NumPy + pyarrow",
      value: parquet / speed(NAMES.numpyParquet),
      goal: "2",
    },
    {
      name: "lsm → parquet / plain write",
      value: parquet / speed(NAMES.write),
      goal: "0.8 instead of the 2 above",
    },
    { name: "lsm → parquet / DuckDB SQL", value: parquet / speed(NAMES.duckdb), goal: "–" },
    {
      name: "two-layer-sigmoid / NumPy, files written",
      value: twoLayers / speed(NAMES.numpySigmoid),
      goal: "3",
    },
    {
      name: "two-layer-sigmoid, files written / NumPy, none",
      value: twoLayers / (inMemory ?? NaN),
      goal: "–",
    },
    {
      name: "vadi verify / SHA-256 on every core",
      value: speed(NAMES.verify) / (speed(NAMES.sha256) * availableParallelism()),
      goal: "1",
    },
    {
      name: `peak memory in MiB, ${FEATURES} to ${WIDE_FEATURES} features`,
      value: peakMebibytes,
      goal: "512 at the most",
    },
  ];
  return list.filter(({ value }) => !Number.isNaN(value));
}

/**
 * Measures generation.
 *
 * @param words `--rows 40M --runs 3 --folder .bench --skip-python --json`
 * @returns what is to be printed
 */
export async function benchGenerate(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: { rows: { type: "string", default: "40M" }, ...COMMON },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const common = await readCommon(values);
  const { runs, folder, json } = common;
  const python = await openPeers("generate.txt", common);
  const measured = await measure(
    entrants({ rows, runs, folder, python }),
    runs,
    folder,
    ({ name }, run) => note(`run ${run + 1} of ${runs}: ${name}`),
  );
  const { version: duckdb } = await import("@duckdb/node-api");
  const machine = machineFacts([`DuckDB ${duckdb()}`, ...(python?.versions ?? [])]);
  if (json) {
    return JSON.stringify(
      {
        concern: "generate",
        rows,
        features: FEATURES,
        runs,
        machine,
        measured,
        ratios: ratios(measured),
      },
      undefined,
      2,
    );
  }
  return [
    `generate: ${formatCount(rows)} rows × ${FEATURES} features, medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    `One plain write: ${formatBytes(rows * (FEATURES + 1) * 4)} in files of ${formatCount(SHARD_ROWS)} rows.`,
    ...(rows > DUCKDB_ROWS
      ? [`DuckDB makes ${formatCount(DUCKDB_ROWS)} rows; ratios are of rows a second.`]
      : []),
    ...whyMissing(python, common, "NumPy and pyarrow are"),
    "",
    ...measurementTable(measured),
    "",
    ...ratioTable(ratios(measured)),
  ].join("\n");
}
