// Rows of a program, objects or batches, into files: by createDataset, by a loop with hyparquet-writer, or by
// DuckDB's appender.
import { closeSync, fsyncSync, openSync } from "node:fs";
import path from "node:path";
import { DuckDBDataChunk, DuckDBInstance, FLOAT } from "@duckdb/node-api";
import { fileWriter, ParquetWriter } from "hyparquet-writer";
import { syncFolderNow } from "../../../src/files/system/flush.js";
import { createDataset } from "vadi";
import { runPeer } from "./peer.js";

export type RowsProgram =
  | "objects"
  | "promised"
  | "batches"
  | "hyparquet-writer"
  | "appender"
  | "chunks";

interface Options {
  out: string;
  rows: number;
  program: RowsProgram;
}

const FEATURES = 10;
const NAMES = [...Array.from({ length: FEATURES }, (_, feature) => `x${feature}`), "y"];

/**
 * Rows as a program has them.
 *
 * @yields an object a row
 */
function* objects(rows: number): Generator<Record<string, number>> {
  for (let row = 0; row < rows; row++) {
    const a = row * 0.001;
    // A literal, as programs write it.
    yield {
      x0: a,
      x1: a + 1,
      x2: a + 2,
      x3: a + 3,
      x4: a + 4,
      x5: a + 5,
      x6: a + 6,
      x7: a + 7,
      x8: a + 8,
      x9: a + 9,
      y: 2 * a,
    };
  }
}

/**
 * The same rows as a database cursor gives them.
 *
 * @yields an object a row
 */
async function* promised(rows: number): AsyncGenerator<Record<string, number>> {
  yield* objects(rows);
}

/**
 * The same rows in batches.
 *
 * @yields up to 10 000 rows
 */
function* batches(rows: number): Generator<{ x: Float32Array; y: Float32Array }> {
  for (let first = 0; first < rows; first += 10_000) {
    const count = Math.min(10_000, rows - first);
    const x = new Float32Array(count * FEATURES);
    const y = new Float32Array(count);
    for (let row = 0; row < count; row++) {
      const a = (first + row) * 0.001;
      for (let feature = 0; feature < FEATURES; feature++)
        x[row * FEATURES + feature] = a + feature;
      y[row] = 2 * a;
    }
    yield { x, y };
  }
}

/** Gathers columns, a row group at a time. */
async function byHyparquetWriter(out: string, rows: number): Promise<void> {
  const file = path.join(out, "rows.parquet");
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    codec: "UNCOMPRESSED",
    schema: [
      { name: "root", num_children: NAMES.length },
      ...NAMES.map((name) => ({ name, type: "FLOAT", repetition_type: "REQUIRED" }) as const),
    ],
  });
  const columns = NAMES.map(() => new Float32Array(65_536));
  let filled = 0;
  const flush = async (): Promise<void> => {
    const columnData = NAMES.map((name, column) => {
      const data = columns[column]!.subarray(0, filled);
      return { name, data, encoding: "PLAIN" } as const;
    });
    await writer.write({ columnData });
    filled = 0;
  };
  for (const row of objects(rows)) {
    for (const [column, name] of NAMES.entries()) columns[column]![filled] = row[name]!;
    if (++filled === columns[0]!.length) await flush();
  }
  if (filled > 0) await flush();
  await writer.finish();
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
  syncFolderNow(out);
}

/** @param isByChunk whether values are handed over 2048 rows at a time, or one by one */
async function byDuckDb(out: string, rows: number, isByChunk: boolean): Promise<void> {
  const instance = await DuckDBInstance.create(path.join(out, "rows.duckdb"));
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE t (${NAMES.map((name) => `${name} FLOAT`).join(", ")})`);
  const appender = await connection.createAppender("t");
  let columns: number[][] = NAMES.map(() => []);
  const append = (): void => {
    const chunk = DuckDBDataChunk.create(NAMES.map(() => FLOAT));
    chunk.setColumns(columns);
    appender.appendDataChunk(chunk);
    columns = NAMES.map(() => []);
  };
  for (const row of objects(rows)) {
    if (!isByChunk) {
      for (const name of NAMES) appender.appendFloat(row[name]!);
      appender.endRow();
      continue;
    }
    for (const [column, name] of NAMES.entries()) columns[column]!.push(row[name]!);
    if (columns[0]!.length === 2048) append();
  }
  if (columns[0]!.length > 0) append();
  appender.closeSync();
  await connection.run("CHECKPOINT");
  connection.closeSync();
  instance.closeSync();
}

await runPeer<Options>(async ({ out, rows, program }) => {
  if (program === "hyparquet-writer") return byHyparquetWriter(out, rows);
  if (program === "appender" || program === "chunks")
    return byDuckDb(out, rows, program === "chunks");
  const given = { objects, promised, batches }[program](rows);
  await createDataset(given, { out });
});
