import type { Dataset } from "../../stream/index.js";
import type { Run } from "../types.js";

/** What a run's weights may be used with of a dataset: its rows, and what tells it from others. */
export type RunRows = Pick<
  Dataset,
  "path" | "rows" | "features" | "fingerprint" | "batches" | "head"
>;

/**
 * A dataset's rows as a run's training saw them: those that `run.weights()` are weights of. Where the
 * run standardised its rows, so are these, target included, by the same numbers. Everything that
 * computes with a run's weights takes its rows from here; a dataset's own `batches` and `head` give
 * rows as the files hold them.
 *
 * @param dataset the run's own, or another one with the same features
 * @throws as soon as rows are asked for, a usage error where it has other features than the run
 *   standardised
 */
export function rowsOfRun({ record }: Pick<Run, "record">, dataset: Dataset): RunRows {
  const { standardize } = record;
  if (standardize === null) return dataset;
  return {
    ...dataset,
    batches: (options) => dataset.batches({ ...options, standardize }),
    head: (rows) => dataset.head(rows, { standardize }),
  };
}
