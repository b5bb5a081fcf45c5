import type { Dataset } from "../../stream/index.js";
import type { Run } from "../types.js";

/** The members of a dataset that go with a run's weights: its rows and its description. */
export type RunRows = Pick<
  Dataset,
  "path" | "rows" | "features" | "fingerprint" | "batches" | "head"
>;

/**
 * A dataset's rows as a run's training saw them, which is what `run.weights()` fit. If the run standardised
 * its rows, these rows and their target are standardised by the same numbers. Code that computes with a
 * run's weights takes its rows from here; a dataset's own `batches` and `head` return rows as the files hold
 * them.
 *
 * @param dataset the run's own, or another one with the same features
 * @throws a usage error, when rows are read, where its features are not those that the run standardised
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
