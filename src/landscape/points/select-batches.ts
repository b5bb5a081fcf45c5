import type { BatchSelection } from "../options.js";
import { usageError } from "../../common/errors.js";
import { count } from "../../common/options/kinds.js";
import { checkValue } from "../../common/options/options.js";

/** Batches by default. */
const DEFAULT_BATCHES = 5;

/**
 * The numbers of the batches to evaluate, ascending.
 *
 * @param wanted how many batches from the first on, `all`, or their numbers; null: 5, or all if there
 *   are fewer
 * @throws a usage error where the dataset has no such batch, or one is listed twice
 */
export function selectBatches(
  wanted: BatchSelection | null,
  rows: number,
  batchSize: number,
): number[] {
  const available = Math.ceil(rows / batchSize);
  const there = `there are ${available} (${rows} rows, ${batchSize} a batch)`;
  if (wanted === null) return selectBatches(Math.min(DEFAULT_BATCHES, available), rows, batchSize);
  if (wanted === "all") return Array.from({ length: available }, (_, batch) => batch);
  if (typeof wanted === "number") {
    checkValue(count(1), wanted, (option) => option("batches"));
    if (wanted > available)
      throw usageError(
        (option) => `${option("batches")} is ${wanted}, but ${there}; ask for fewer, or for all.`,
      );
    return Array.from({ length: wanted }, (_, batch) => batch);
  }
  if (wanted.length === 0)
    throw usageError((option) => `${option("batches")} is an empty list; name at least one batch.`);
  const sorted = wanted.toSorted((one, other) => one - other);
  for (const [index, batch] of sorted.entries()) {
    checkValue(count(), batch, (option) => `A number in ${option("batches")}`);
    if (batch >= available) {
      throw usageError(
        (option) => `${option("batches")} names ${batch}, but ${there}, numbered from 0.`,
      );
    }
    if (batch === sorted[index - 1])
      throw usageError(
        (option) => `${option("batches")} names ${batch} twice; name each batch once.`,
      );
  }
  return sorted;
}

/** Batches that one loader reads. Those between `first` and `last` that are not selected are skipped. */
export interface BatchRange {
  first: number;
  last: number;
}

/** A gap of up to this many batches is read: opening another loader would take about as long. */
const LARGEST_GAP = 8;

/** Divides ascending batch numbers at their larger gaps. */
export function batchRanges(batches: readonly number[]): BatchRange[] {
  const found: BatchRange[] = [];
  for (const batch of batches) {
    const current = found.at(-1);
    if (current !== undefined && batch - current.last <= LARGEST_GAP) current.last = batch;
    else found.push({ first: batch, last: batch });
  }
  return found;
}
