import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Float64, makeVector, Table, tableToIPC } from "apache-arrow";
import { runSql } from "../storage/duck.js";
import { normals } from "./memory-dataset.js";

/** Columns by their names, all of the same length. */
export type Columns = Record<string, Float64Array>;

/** Two columns of large values that lie close together, and one around 0. */
export function largeColumns(rows: number): Columns {
  const normal = normals(20_261);
  const draw = (mean: number, deviation: number): Float64Array =>
    Float64Array.from({ length: rows }, () => mean + deviation * normal());
  return { a: draw(1e8, 1), b: draw(7e7, 0.77), c: draw(0, 1) };
}

/** The same table in every format that holds doubles. */
export async function writeTables(
  folder: string,
  name: string,
  columns: Columns,
): Promise<{ parquet: string; arrow: string; csv: string }> {
  const names = Object.keys(columns);
  const rows = columns[names[0]!]!.length;
  const file = (format: string): string => path.join(folder, `${name}.${format}`);
  const lines = Array.from({ length: rows }, (_, row) =>
    names.map((column) => String(columns[column]![row])).join(","),
  );
  await writeFile(file("csv"), `${names.join(",")}\n${lines.join("\n")}\n`);
  const vectors = Object.fromEntries(
    names.map((column) => [column, makeVector({ type: new Float64(), data: columns[column]! })]),
  );
  await writeFile(file("arrow"), tableToIPC(new Table(vectors), "file"));
  const types = names.map((column) => `'${column}': 'DOUBLE'`).join(", ");
  await runSql(
    `copy (select * from read_csv('${file("csv")}', columns = {${types}})) to '${file("parquet")}'`,
  );
  return { parquet: file("parquet"), arrow: file("arrow"), csv: file("csv") };
}

/** Mean and sample variance; all arithmetic on exact differences from the first value. */
export function momentsOf(values: ArrayLike<number>): { mean: number; variance: number } {
  const first = values[0]!;
  let sum = 0;
  for (let row = 0; row < values.length; row++) sum += values[row]! - first;
  const shift = sum / values.length;
  let squares = 0;
  for (let row = 0; row < values.length; row++) squares += (values[row]! - first - shift) ** 2;
  return { mean: first + shift, variance: squares / (values.length - 1) };
}
