import { z } from "zod/mini";
import { pickOptions } from "../../common/options/options.js";
import { absoluteLocation } from "../../storage/index.js";
import { cacheOptions } from "../../storage/options.js";
import { failure, usageError } from "../../common/errors.js";
import { openDataset, openReference } from "../../stream/index.js";
import { evaluationOf, measureBatches, openRun, type Evaluation } from "../../train/index.js";
import { divide, numbersOf, upTo } from "../divide.js";
import { readResults } from "../results.js";
import type { Outcome, Task, TaskOf, WorkOptions } from "../types.js";

const foundSchema = z.strictObject({ fingerprint: z.string() });

/** Of each batch: rows, squares, absolute, mean, deviations. */
const sumsSchema = z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]));

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
  const rows = sums.reduce((sum, batch) => sum + batch.rows, 0);
  const perBatch = sums.map((batch) => [
    batch.rows,
    batch.squares,
    batch.absolute,
    batch.mean,
    batch.deviations,
  ]);
  return { rows, found: { fingerprint: dataset.fingerprint }, perBatch, hasFiles: false };
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

/** The measures over the rows of all tasks, to the bit those of one machine. */
export async function mergeEvaluate(parts: string): Promise<Evaluation> {
  const results = await readResults(parts, "evaluate");
  const fingerprints = new Set<string>();
  const sums = results.flatMap(({ task, found, perBatch }) => {
    const [{ data }, batches] = [foundSchema.safeParse(found), sumsSchema.safeParse(perBatch)];
    if (data === undefined || batches.data?.length !== numbersOf(task.batches).length) {
      throw failure(
        `The result of the evaluate task ${task.task} in ${parts} lacks the sums of its batches.`,
      );
    }
    fingerprints.add(data.fingerprint);
    return batches.data;
  });
  if (fingerprints.size > 1) {
    throw failure(
      `The results in ${parts} are not of one dataset: it was changed between the tasks.`,
    );
  }
  return evaluationOf(
    sums.map(([rows, squares, absolute, mean, deviations]) => ({
      rows,
      squares,
      absolute,
      mean,
      deviations,
    })),
  );
}
