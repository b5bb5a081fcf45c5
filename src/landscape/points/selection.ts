import type { BatchSelection } from "../options.js";
import { usageError } from "../../common/errors.js";

/** Batches by default. */
const byDefault = 5;

/**
 * The numbers of the batches to evaluate, ascending: the first so many, all, or those listed; by
 * default the first five, or all where there are fewer.
 * Throws a usage error where the dataset has no such batch, or one is listed twice.
 */
export function selectBatches(
  wanted: BatchSelection | null,
  rows: number,
  batchSize: number,
): number[] {
  const available = Math.ceil(rows / batchSize);
  const there = `there are ${available} (${rows} rows, ${batchSize} a batch)`;
  if (wanted === null) return selectBatches(Math.min(byDefault, available), rows, batchSize);
  if (wanted === "all") return Array.from({ length: available }, (_, batch) => batch);
  if (typeof wanted === "number") {
    if (!Number.isSafeInteger(wanted) || wanted < 1) {
      throw usageError(
        `--batches is ${wanted}; it must be a whole number from 1, all, or a list of batch numbers.`,
      );
    }
    if (wanted > available)
      throw usageError(`--batches is ${wanted}, but ${there}; ask for fewer, or for all.`);
    return Array.from({ length: wanted }, (_, batch) => batch);
  }
  if (wanted.length === 0) throw usageError("--batches is an empty list; name at least one batch.");
  const sorted = wanted.toSorted((one, other) => one - other);
  for (const [index, batch] of sorted.entries()) {
    if (!Number.isSafeInteger(batch) || batch < 0) {
      throw usageError(`--batches names ${batch}; batches are numbered 0, 1, 2 and so on.`);
    }
    if (batch >= available) {
      throw usageError(`--batches names ${batch}, but ${there}, numbered from 0.`);
    }
    if (batch === sorted[index - 1])
      throw usageError(`--batches names ${batch} twice; name each batch once.`);
  }
  return sorted;
}

/** Some selected batches that one loader passes, reading over the few in between that are not selected. */
export interface Stretch {
  first: number;
  last: number;
}

/** Batches in between that are read over rather than jumped over: opening a loader costs about so much. */
const bridged = 8;

/** Divides ascending batch numbers at their larger gaps. */
export function stretches(batches: readonly number[]): Stretch[] {
  const found: Stretch[] = [];
  for (const batch of batches) {
    const current = found.at(-1);
    if (current !== undefined && batch - current.last <= bridged) current.last = batch;
    else found.push({ first: batch, last: batch });
  }
  return found;
}
