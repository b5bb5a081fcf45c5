import { readRows } from "../storage/folders.js";
import type { Batch, BatchOptions, Dataset } from "../../src/stream/index.js";

/** The rows of a dataset, and which of them a batch's rows are. */
export interface KnownRows {
  x: Float32Array;
  y: Float32Array;
  /** Row numbers of a batch; throws unless each row is one of the dataset with its own target. */
  numbersOf(batch: Pick<Batch, "x" | "y" | "rows">): number[];
}

/** Learns the rows of a dataset by heart. The first feature tells them apart, or the first two. */
export async function knowRows(folder: string, features: number): Promise<KnownRows> {
  const { x, y } = await readRows(folder);
  const keyAt = (values: Float32Array, row: number): string =>
    `${values[row * features]} ${features > 1 ? values[row * features + 1] : ""}`;
  const numbers = new Map(Array.from(y, (_, row) => [keyAt(x, row), row]));
  if (numbers.size !== y.length) throw new Error("Two rows are alike.");
  return {
    x,
    y,
    numbersOf: (batch) =>
      Array.from({ length: batch.rows }, (_, at) => {
        const row = numbers.get(keyAt(batch.x, at));
        if (row === undefined) throw new Error(`Row ${at} of the batch is none of the dataset's.`);
        for (let feature = 0; feature < features; feature++) {
          if (batch.x[at * features + feature] !== x[row * features + feature]) {
            throw new Error(`Feature ${feature} of row ${row} belongs to another row.`);
          }
        }
        if (batch.y[at] !== y[row]) throw new Error(`Row ${row} has the target of another.`);
        return row;
      }),
  };
}

/** Iterates to the end; the row numbers of every batch. */
export async function orderOf(
  dataset: Dataset,
  known: KnownRows,
  options: BatchOptions,
): Promise<number[][]> {
  const order: number[][] = [];
  for await (const batch of dataset.batches(options)) order.push(known.numbersOf(batch));
  return order;
}

/** 0 … count−1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Numbers in ascending order. */
export function sorted(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

/**
 * The χ² statistic of observed counts against equal chances, in standard deviations above its mean
 * by Wilson and Hilferty's cube root (1931).
 */
export function chiSquareZ(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const freedom = counts.length - 1;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}
