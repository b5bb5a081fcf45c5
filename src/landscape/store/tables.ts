import { readTable, writeLongTable, writeTable } from "../../storage/index.js";
import type { TableColumn, TableValues } from "../../storage/index.js";
import type { LossLog } from "../summary/loss-log.js";
import type { SummaryColumns } from "../summary/point-summary.js";
import type { SliceSummaryRow } from "../points/types.js";

/** The columns of slices.parquet: one row per loss. */
const sliceColumns: readonly TableColumn[] = [
  { name: "slice", type: "INT32" },
  { name: "batch", type: "INT32" },
  { name: "alpha", type: "DOUBLE" },
  { name: "loss", type: "DOUBLE" },
];

/** The columns of summary.parquet: one row per point. */
const summaryColumns: readonly TableColumn[] = [
  { name: "slice", type: "INT32" },
  { name: "alpha", type: "DOUBLE" },
  ...["mean", "variance", "min", "max", "q05", "q25", "q50", "q75", "q95"].map(
    (name): TableColumn => ({ name, type: "DOUBLE" }),
  ),
  { name: "batches", type: "INT32" },
];

/** The columns of surface.parquet: one row per point of a plane. */
const surfaceColumns: readonly TableColumn[] = ["alpha", "beta", "loss", "variance"].map(
  (name): TableColumn => ({ name, type: "DOUBLE" }),
);

/** The columns of means.parquet: one row per batch, its means as curves.ts has them. */
function meanColumns(names: readonly string[]): TableColumn[] {
  return [
    { name: "batch", type: "INT32" },
    ...names.map((name): TableColumn => ({ name, type: "DOUBLE" })),
  ];
}

/** Rows of slices.parquet that are held at once. */
const heldRows = 131_072;

/** Which points the tables are about, and whose losses. */
export interface TablePoints {
  alphas: Float64Array;
  /** Of a plane; of a line one number. */
  betas: Float64Array;
  batches: readonly number[];
}

/** Slice, α and β of `count` points from `first` on. */
function pointColumns(
  { alphas, betas }: Pick<TablePoints, "alphas" | "betas">,
  first: number,
  count: number,
): { slice: Int32Array; alpha: Float64Array; beta: Float64Array } {
  const width = alphas.length;
  const columns = {
    slice: new Int32Array(count),
    alpha: new Float64Array(count),
    beta: new Float64Array(count),
  };
  for (let row = 0; row < count; row++) {
    const slice = Math.floor((first + row) / width);
    columns.slice[row] = slice;
    columns.alpha[row] = alphas[(first + row) % width]!;
    columns.beta[row] = betas[slice]!;
  }
  return columns;
}

/** Writes slices.parquet: batch by batch, within a batch slice by slice, within a slice point by point. */
export async function writeSlices(
  file: string,
  points: TablePoints,
  log: LossLog,
  pause: () => Promise<void>,
): Promise<void> {
  const each = points.alphas.length * points.betas.length;
  async function* parts(): AsyncGenerator<TableValues, void, void> {
    // Several small batches, or a part of a large one.
    const together = Math.max(1, Math.floor(heldRows / each));
    const width = Math.min(each, heldRows);
    for (let start = 0; start < points.batches.length; start += together) {
      const some = points.batches.slice(start, start + together);
      for (let first = 0; first < each; first += width) {
        const count = Math.min(width, each - first);
        const one = pointColumns(points, first, count);
        const slice = new Int32Array(count * some.length);
        const batch = new Int32Array(count * some.length);
        const alpha = new Float64Array(count * some.length);
        const loss = new Float64Array(count * some.length);
        for (const [index, number] of some.entries()) {
          slice.set(one.slice, index * count);
          batch.fill(number, index * count, (index + 1) * count);
          alpha.set(one.alpha, index * count);
          log.readInto(loss.subarray(index * count, (index + 1) * count), number, first);
        }
        yield { slice, batch, alpha, loss };
        await pause();
      }
    }
  }
  await writeLongTable(file, sliceColumns, points.batches.length * each, parts());
}

/** Writes summary.parquet. */
export async function writeSummary(
  file: string,
  points: TablePoints,
  summary: SummaryColumns,
): Promise<void> {
  const count = summary.mean.length;
  const batches = new Int32Array(count).fill(points.batches.length);
  const { slice, alpha } = pointColumns(points, 0, count);
  await writeTable(file, summaryColumns, { slice, alpha, ...summary, batches });
}

/** Writes surface.parquet: for each β in turn all α. */
export async function writeSurface(
  file: string,
  points: TablePoints,
  { mean, variance }: SummaryColumns,
): Promise<void> {
  const { alpha, beta } = pointColumns(points, 0, mean.length);
  await writeTable(file, surfaceColumns, { alpha, beta, loss: mean, variance });
}

/** Writes means.parquet, from a log of means. */
export async function writeMeans(
  file: string,
  batches: readonly number[],
  log: LossLog,
): Promise<void> {
  const names = log.curves.means;
  const columns = names.map((name) => [name, new Float64Array(batches.length)] as const);
  const means = new Float64Array(names.length);
  for (const [row, batch] of batches.entries()) {
    log.read(means, batch);
    for (const [index, [, column]] of columns.entries()) {
      const mean = means[index]!;
      // A mean of products that overflowed both ways makes losses infinite, as one that is infinite
      // does, which unlike it fits into a table.
      column[row] = Number.isNaN(mean) ? Infinity : mean;
    }
  }
  await writeTable(file, meanColumns(names), { batch: batches, ...Object.fromEntries(columns) });
}

/** Reads means.parquet back: the batches' numbers, and of each its means. */
export async function readMeans(
  file: string,
  names: readonly string[],
): Promise<{ batches: Float64Array; means: Float64Array[] }> {
  const columns = await readTable(file, meanColumns(names));
  const batches = columns["batch"]!;
  const means = Array.from(batches, (_, row) =>
    Float64Array.from(names, (name) => columns[name]![row]!),
  );
  return { batches, means };
}

/** Reads surface.parquet back: its columns, one number per row. */
export function readSurface(file: string): Promise<Record<string, Float64Array>> {
  return readTable(file, surfaceColumns);
}

/** Reads slices.parquet back: its columns, one number per row. */
export function readSlices(file: string): Promise<Record<string, Float64Array>> {
  return readTable(file, sliceColumns);
}

/** Reads summary.parquet back. */
export async function readSummary(file: string): Promise<SliceSummaryRow[]> {
  const columns = await readTable(file, summaryColumns);
  return Array.from(columns["slice"]!, (_, row) => {
    const entries = summaryColumns.map(({ name }) => [name, columns[name]![row]!]);
    // The columns are the fields of a SliceSummaryRow, by the list above.
    return Object.fromEntries(entries) as SliceSummaryRow;
  });
}
