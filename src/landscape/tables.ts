import { asyncBufferFromFile, parquetRead } from "hyparquet";
import type { ColumnData } from "hyparquet";
import { failure, messageOf } from "../common/errors.js";
import { writeTable } from "../storage/index.js";
import type { TableColumn } from "../storage/index.js";
import type { SliceCurve, SliceSummaryRow } from "./types.js";

/** The columns of slices.parquet: one row a loss. */
const sliceColumns: readonly TableColumn[] = [
  { name: "slice", type: "INT32" },
  { name: "batch", type: "INT32" },
  { name: "alpha", type: "DOUBLE" },
  { name: "loss", type: "DOUBLE" },
];

/** The columns of summary.parquet: one row a point. */
const summaryColumns: readonly TableColumn[] = [
  { name: "slice", type: "INT32" },
  { name: "alpha", type: "DOUBLE" },
  ...["mean", "variance", "min", "max", "q05", "q25", "q50", "q75", "q95"].map(
    (name): TableColumn => ({ name, type: "DOUBLE" }),
  ),
  { name: "batches", type: "INT32" },
];

/** Writes slices.parquet: batch by batch, and within a batch point by point. */
export async function writeSlices(
  file: string,
  slice: number,
  alphas: Float64Array,
  curves: readonly SliceCurve[],
): Promise<void> {
  const points = alphas.length;
  const rows = curves.length * points;
  const batch = new Int32Array(rows);
  const alpha = new Float64Array(rows);
  const loss = new Float64Array(rows);
  for (const [index, curve] of curves.entries()) {
    batch.fill(curve.batch, index * points, (index + 1) * points);
    alpha.set(alphas, index * points);
    loss.set(curve.losses, index * points);
  }
  await writeTable(file, sliceColumns, {
    slice: new Int32Array(rows).fill(slice),
    batch,
    alpha,
    loss,
  });
}

/** Writes summary.parquet. */
export async function writeSummary(file: string, rows: readonly SliceSummaryRow[]): Promise<void> {
  const columns = summaryColumns.map(({ name, type }) => {
    const values = rows.map((row) => row[name as keyof SliceSummaryRow]);
    return [name, type === "INT32" ? Int32Array.from(values) : Float64Array.from(values)] as const;
  });
  await writeTable(file, summaryColumns, Object.fromEntries(columns));
}

/** Reads slices.parquet back: its columns, one number a row. */
export function readSlices(file: string): Promise<Record<string, Float64Array>> {
  return readNumbers(file, sliceColumns);
}

/** Reads summary.parquet back. */
export async function readSummary(file: string): Promise<SliceSummaryRow[]> {
  const columns = await readNumbers(file, summaryColumns);
  return Array.from(columns["slice"]!, (_, row) => {
    const entries = summaryColumns.map(({ name }) => [name, columns[name]![row]!]);
    // The columns are the fields of a SliceSummaryRow, by the list above.
    return Object.fromEntries(entries) as SliceSummaryRow;
  });
}

/** Numeric columns of a Parquet file. Throws a failure where one is missing or shorter than another. */
async function readNumbers(
  file: string,
  columns: readonly TableColumn[],
): Promise<Record<string, Float64Array>> {
  const names = columns.map(({ name }) => name);
  const chunks: ColumnData[] = [];
  try {
    await parquetRead({
      file: await asyncBufferFromFile(file),
      columns: names,
      onChunk: (chunk) => chunks.push(chunk),
    });
  } catch (error) {
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  const read = names.map((name) => {
    const parts = chunks.filter(({ columnName }) => columnName === name);
    return [name, joined(parts)] as const;
  });
  const rows = read[0]![1].length;
  for (const [name, values] of read) {
    if (values.length !== rows) {
      throw failure(`${file}: column ${name} has ${values.length} rows, another has ${rows}.`);
    }
  }
  return Object.fromEntries(read);
}

/** One column's chunks, which may have been read in any order. */
function joined(chunks: readonly ColumnData[]): Float64Array {
  const values = new Float64Array(
    chunks.reduce((rows, { columnData }) => rows + columnData.length, 0),
  );
  let at = 0;
  for (const { columnData } of chunks.toSorted((one, other) => one.rowStart - other.rowStart)) {
    values.set(Float64Array.from(columnData, Number), at);
    at += columnData.length;
  }
  return values;
}
