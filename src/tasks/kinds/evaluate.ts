import { z } from "zod/mini";
import { pickOptions } from "../../common/options/options.js";
import { absoluteLocation } from "../../storage/index.js";
import { cacheOptions } from "../../storage/options.js";
import { failure, usageError } from "../../common/errors.js";
import { openDataset, openReference } from "../../stream/index.js";
import {
  addErrorSums,
  evaluationOf,
  measureBatches,
  openRun,
  type Evaluation,
} from "../../train/index.js";
import { divide, numbersOf, upTo } from "../divide.js";
import { readResults } from "../results.js";
import type { Outcome, Task, TaskOf, WorkOptions } from "../types.js";

const sumsSchema = z.strictObject({
  rows: z.number(),
  squares: z.number(),
  absolute: z.number(),
  mean: z.number(),
  deviations: z.number(),
});

const foundSchema = z.strictObject({ fingerprint: z.string(), sums: sumsSchema });

/** Measures a run's model on some batches. */
export async function runEvaluate(
  { spec, batches }: TaskOf<"evaluate">,
  { signal, onProgress, ...machine }: WorkOptions,
): Promise<Outcome> {
  const dataset = await openDataset(spec.dataset, pickOptions(cacheOptions, machine));
  const numbers = numbersOf(batches);
  const sums = await measureBatches(spec.run, dataset, {
    first: numbers[0] ?? 0,
    count: numbers.length,
    batchSize: spec.batchSize,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const found = { fingerprint: dataset.fingerprint, sums };
  return { rows: sums.rows, found, hasFiles: false };
}

/** The tasks of an evaluation. */
export async function planEvaluate(
  run: string,
  {
    dataset: source,
    batchSize: given,
  }: { dataset?: string | undefined; batchSize?: number | undefined },
  parts: string,
  tasks: number,
): Promise<Task[]> {
  const opened = await openRun(run);
  const dataset =
    source === undefined
      ? await openReference(opened.record.dataset)
      : await openDataset(absoluteLocation(source));
  if (dataset.manifest.kind === "foreign") {
    throw usageError(
      `${dataset.path} is a table of another program; tasks need a dataset: make one with vadi convert.`,
    );
  }
  const batchSize = given ?? opened.record.options.batchSize;
  const ranges = divide(upTo(Math.ceil(dataset.rows / batchSize)), tasks);
  const spec = { run: opened.dir, dataset: dataset.path, batchSize };
  return ranges.map((batches, task) => ({
    kind: "evaluate",
    task,
    tasks: ranges.length,
    parts,
    spec,
    batches,
  }));
}

/** The measures over the rows of all tasks: their sums are added in the order of the batches. */
export async function mergeEvaluate(parts: string): Promise<Evaluation> {
  const results = await readResults(parts, "evaluate");
  const found = results.map((result) => {
    const parsed = foundSchema.safeParse(result.found);
    if (parsed.success) return parsed.data;
    throw failure(`The result of the evaluate task ${result.task.task} in ${parts} has no sums.`);
  });
  if (new Set(found.map(({ fingerprint }) => fingerprint)).size > 1) {
    throw failure(
      `The results in ${parts} are not of one dataset: it was changed between the tasks.`,
    );
  }
  return evaluationOf(found.map(({ sums }) => sums).reduce(addErrorSums));
}
