import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { formatCount } from "../../src/common/text/numbers.js";
import { generate } from "../../src/index.js";
import { literal } from "../../src/storage/duckdb/database.js";
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
 * How fast tables of numbers become datasets, beside DuckDB's COPY and pyarrow, which write one Parquet file. All of
 * them flush their files to disk.
 */

const FEATURES = 10;
/** A query that computes something of every row. */
const QUERY = "SELECT * REPLACE (x0 * x1 AS x0) FROM source WHERE x2 < 3";

const NAMES = {
  csv: "vadi, CSV → Parquet",
  csvCopy: "DuckDB COPY, CSV → Parquet",
  csvPyarrow: "pyarrow, CSV → Parquet",
  parquet: "vadi, Parquet → Parquet",
  parquetArrow: "vadi, Parquet → Arrow",
  parquetCopy: "DuckDB COPY, Parquet → Parquet",
  parquetPyarrow: "pyarrow, Parquet → Parquet",
  query: "vadi, query over Parquet → Parquet",
  queryCopy: "DuckDB COPY, query over Parquet → Parquet",
};

function copy(query: string, file: string, out: string): ReturnType<typeof runProgram> {
  return runProgram(process.execPath, [
    path.join(HERE, "peers/copy.js"),
    JSON.stringify({ query, file, out }),
  ]);
}

function entrants(place: string, rows: number, python: Python | undefined): Entrant[] {
  const csv = path.join(place, "csv/table.csv");
  const parquet = path.join(place, "parquet/table.parquet");
  const vadi = (name: string, source: string, words: readonly string[] = []): Entrant => ({
    name,
    rows,
    run: (out) =>
      runProgram(process.execPath, [
        MAIN,
        "convert",
        source,
        "--json",
        "--quiet",
        "--out",
        out,
        ...words,
      ]),
  });
  const duckdb = (name: string, query: string): Entrant => ({
    name,
    rows,
    run: (out) => copy(query, "table.parquet", out),
  });
  const pyarrow = (name: string, source: string): Entrant | undefined =>
    python && {
      name,
      rows,
      run: (out) =>
        runProgram(python.program, [
          "-B",
          path.join(SOURCES, "peers/convert_table.py"),
          JSON.stringify({ source, out }),
        ]),
    };
  const rowsOf = `(FROM ${literal(parquet)})`;
  const list: (Entrant | undefined)[] = [
    vadi(NAMES.csv, csv, ["--format", "parquet"]),
    duckdb(NAMES.csvCopy, `FROM ${literal(csv)}`),
    pyarrow(NAMES.csvPyarrow, csv),
    vadi(NAMES.parquet, parquet, ["--format", "parquet"]),
    vadi(NAMES.parquetArrow, parquet, ["--format", "arrow"]),
    duckdb(NAMES.parquetCopy, `FROM ${literal(parquet)}`),
    pyarrow(NAMES.parquetPyarrow, parquet),
    vadi(NAMES.query, parquet, ["--format", "parquet", "--query", QUERY]),
    duckdb(NAMES.queryCopy, QUERY.replace("source", rowsOf)),
  ];
  return list.filter((one) => one !== undefined);
}

/** The table as CSV and as Parquet, by DuckDB. */
async function prepare(place: string, rows: number): Promise<void> {
  const data = path.join(place, "data");
  await generate({ kind: "lsm", rows, features: FEATURES, format: "parquet", out: data });
  const all = `FROM ${literal(`${data}/*.parquet`)}`;
  await copy(all, "table.parquet", path.join(place, "parquet"));
  await copy(all, "table.csv", path.join(place, "csv"));
  await rm(data, { recursive: true });
}

function ratios(measured: readonly Measurement[]): Ratio[] {
  const speed = (name: string): number =>
    measured.find((measurement) => measurement.name === name)?.rowsPerSecond ?? NaN;
  const list: Ratio[] = [
    { name: "CSV → Parquet / COPY", value: speed(NAMES.csv) / speed(NAMES.csvCopy), goal: "0.8" },
    {
      name: "CSV → Parquet / pyarrow",
      value: speed(NAMES.csv) / speed(NAMES.csvPyarrow),
      goal: "–",
    },
    {
      name: "Parquet → Parquet / COPY",
      value: speed(NAMES.parquet) / speed(NAMES.parquetCopy),
      goal: "0.8",
    },
    {
      name: "Parquet → Parquet / pyarrow",
      value: speed(NAMES.parquet) / speed(NAMES.parquetPyarrow),
      goal: "–",
    },
    {
      name: "query over Parquet / COPY",
      value: speed(NAMES.query) / speed(NAMES.queryCopy),
      goal: "0.8",
    },
  ];
  return list.filter(({ value }) => !Number.isNaN(value));
}

/**
 * Measures conversions.
 *
 * @param words `--rows 5M --runs 3 --folder .bench --skip-python --json`
 * @returns what is to be printed
 */
export async function benchConvert(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: { rows: { type: "string", default: "5M" }, ...COMMON },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const common = await readCommon(values);
  const { runs, folder, json } = common;
  const python = await openPeers("generate.txt", common);
  const place = await mkdtemp(path.join(folder, "convert-"));
  let measured: Measurement[];
  try {
    await prepare(place, rows);
    measured = await measure(entrants(place, rows, python), runs, place, ({ name }, run) =>
      note(`run ${run + 1} of ${runs}: ${name}`),
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  const { version: duckdb } = await import("@duckdb/node-api");
  const machine = machineFacts([`DuckDB ${duckdb()}`, ...(python?.versions ?? [])]);
  if (json) {
    const told = { concern: "convert", rows, runs, machine, measured, ratios: ratios(measured) };
    return JSON.stringify(told, undefined, 2);
  }
  return [
    `convert: ${formatCount(rows)} rows × ${FEATURES} features and a target, medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    "vadi writes shards with checksums and a manifest; the others write one file.",
    ...whyMissing(python, common, "pyarrow is"),
    "",
    ...measurementTable(measured),
    "",
    ...ratioTable(ratios(measured)),
  ].join("\n");
}
