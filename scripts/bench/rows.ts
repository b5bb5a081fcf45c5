import path from "node:path";
import { parseArgs } from "node:util";
import { formatCount } from "../../src/common/text/numbers.js";
import { describeMachine, machineFacts } from "./machine.js";
import { measure, runProgram, type Entrant, type Measurement } from "./measure.js";
import { atLeastOne, COMMON, HERE, note, readCommon } from "./options.js";
import type { RowsProgram } from "./peers/rows.js";
import { measurementTable, ratioTable, type Ratio } from "./tables.js";

/*
 * How fast a program's rows are written: by `createDataset`, beside a loop with hyparquet-writer and DuckDB's
 * appender. Every program makes the same rows of ten features and a target in its own process.
 */

const NAMES: Readonly<Record<RowsProgram, string>> = {
  objects: "vadi, objects",
  promised: "vadi, objects of an async generator",
  batches: "vadi, batches of 10k",
  "hyparquet-writer": "hyparquet-writer, a loop over objects",
  appender: "DuckDB's appender, value by value",
  chunks: "DuckDB's appender, by data chunks",
};

/** DuckDB takes so many times fewer rows, as each takes longer. */
const DUCKDB_SHARE = 10;

function entrant(program: RowsProgram, all: number): Entrant {
  const isDuckDb = program === "appender" || program === "chunks";
  const rows = isDuckDb ? Math.max(1, Math.floor(all / DUCKDB_SHARE)) : all;
  return {
    name: NAMES[program],
    rows,
    run: (out) =>
      runProgram(process.execPath, [
        path.join(HERE, "peers", "rows.js"),
        JSON.stringify({ out, rows, program }),
      ]),
  };
}

function ratios(measured: readonly Measurement[]): Ratio[] {
  const speed = (program: RowsProgram): number =>
    measured.find(({ name }) => name === NAMES[program])?.rowsPerSecond ?? NaN;
  return [
    {
      name: "objects / hyparquet-writer",
      value: speed("objects") / speed("hyparquet-writer"),
      goal: "1",
    },
    { name: "objects / DuckDB by chunks", value: speed("objects") / speed("chunks"), goal: "1" },
  ];
}

export async function benchRows(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: { rows: { type: "string", default: "20M" }, ...COMMON },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const { runs, folder, json } = await readCommon(values);
  const programs = Object.keys(NAMES) as RowsProgram[];
  const measured = await measure(
    programs.map((program) => entrant(program, rows)),
    runs,
    folder,
    ({ name }, run) => note(`run ${run + 1} of ${runs}: ${name}`),
  );
  const { version: duckdb } = await import("@duckdb/node-api");
  const machine = machineFacts([`DuckDB ${duckdb()}`]);
  if (json) {
    const told = { concern: "rows", rows, runs, machine, measured, ratios: ratios(measured) };
    return JSON.stringify(told, undefined, 2);
  }
  return [
    `rows: ${formatCount(rows)} rows × 10 features, medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    `DuckDB takes a ${DUCKDB_SHARE}th of the rows; ratios are of rows a second.`,
    "",
    ...measurementTable(measured),
    "",
    ...ratioTable(ratios(measured)),
  ].join("\n");
}
