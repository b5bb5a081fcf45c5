import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { usageError } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { applyPreparation, isDataset, type SourceOptions } from "../../storage/index.js";
import { openDataset, type Dataset } from "../../stream/index.js";
import { openRun } from "../run/open-run.js";
import type { Run } from "../types.js";

/** Rows for a run's model. */
export interface RowsForRun {
  dataset: Dataset;
  /** Whether the rows have a target; without one they can be predicted and not evaluated. */
  hasTarget: boolean;
  warnings: readonly string[];
  /** Removes what was written for these rows. */
  close(): Promise<void>;
}

/**
 * Opens a dataset or table for a run's model. If the run's dataset was made by a query, the same query is applied to
 * the files, with what was learned then; its rows lie in a temporary folder until `close`.
 *
 * @throws as `openDataset`; a usage error where a feature's column is missing
 */
export async function openForRun(
  run: Run | string,
  source: string | readonly string[],
  options: SourceOptions & { signal?: AbortSignal; onProgress?: OnProgress } = {},
): Promise<RowsForRun> {
  const { record } = typeof run === "string" ? await openRun(run) : run;
  const { preparation } = record.dataset;
  const [only = ""] = typeof source === "string" ? [source] : source;
  if (preparation === undefined || isDataset(only)) {
    const dataset = await openDataset(source, options);
    return { dataset, hasTarget: true, warnings: dataset.warnings, close: async () => {} };
  }
  const { invalid = "error", signal, onProgress } = options;
  for (const name of ["target", "features"] as const) {
    if (options[name] === undefined) continue;
    throw usageError(
      (option) => `${option(name)} is fixed by the query of the run's dataset; leave it out.`,
    );
  }
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-rows-"));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const out = path.join(folder, "rows");
    const applied = await applyPreparation(source, preparation, {
      out,
      invalid,
      signal,
      onProgress,
    });
    return { ...applied, dataset: await openDataset(out), close };
  } catch (error) {
    await close();
    throw error;
  }
}
