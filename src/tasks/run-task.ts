import { throwIfAborted } from "../common/errors.js";
import { VERSION } from "../common/version.js";
import { locationIn } from "../storage/index.js";
import { resultsFolder } from "./results-folder.js";
import { attemptName, findResult, publishResult } from "./results.js";
import type { Outcome, StoredResult, Task, TaskResult, WorkOptions } from "./types.js";

export type { WorkOptions as RunTaskOptions };

/**
 * Runs a task, unless it is done already, and publishes its result. Several attempts of a task may run at once,
 * on one machine or many: each writes to a folder of its own, and the result of the first that is complete counts.
 *
 * @throws what the work throws; an interruption once `signal` is aborted. Nothing is left of the attempt then
 */
export async function runTask(task: Task, options: WorkOptions = {}): Promise<TaskResult> {
  throwIfAborted(options.signal);
  const earlier = await findResult(task);
  if (earlier !== undefined) return lineOf(earlier, true);
  const attempt = attemptName(task);
  const folder = locationIn(task.parts, attempt);
  const remove = (): Promise<void> => resultsFolder(task.parts).removeAttempt(attempt);
  const started = performance.now();
  let outcome: Outcome;
  try {
    outcome = await work(task, folder, options);
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  }
  const { hasFiles, rows, found, perBatch } = outcome;
  const own: StoredResult = {
    formatVersion: 1,
    version: VERSION,
    task,
    ...(hasFiles && { folder: attempt }),
    rows,
    seconds: (performance.now() - started) / 1000,
    found,
    ...(perBatch && { perBatch }),
  };
  const published = await publishResult(own, attempt);
  const isOurs = !hasFiles || published.folder === attempt;
  if (!isOurs) await remove();
  return lineOf(published, !isOurs);
}

/** Each kind is loaded when it is needed: those that make datasets do without what trains and measures. */
async function work(task: Task, folder: string, options: WorkOptions): Promise<Outcome> {
  switch (task.kind) {
    case "first-maximum":
    case "second-maximum":
      return (await import("./kinds/maximum.js")).runMaximum(task, options);
    case "generate":
      return (await import("./kinds/generate.js")).runGenerate(task, folder, options);
    case "verify":
      return (await import("./kinds/verify.js")).runVerify(task, options);
    case "landscape":
      return (await import("./kinds/landscape.js")).runLandscape(task, folder, options);
    case "evaluate":
      return (await import("./kinds/evaluate.js")).runEvaluate(task, options);
    case "products":
      return (await import("./kinds/products.js")).runProducts(task, folder, options);
    case "kinks":
      return (await import("./kinds/kinks.js")).runKinks(task, options);
    case "batch-eigenvalues":
      return (await import("./kinds/products.js")).runBatchEigenvalues(task, options);
  }
}

function lineOf(
  { task, rows, seconds, folder, found }: StoredResult,
  isEarlier: boolean,
): TaskResult {
  return {
    task: task.task,
    kind: task.kind,
    status: "done",
    ...(isEarlier && { earlier: true as const }),
    rows,
    seconds,
    ...(folder !== undefined && { folder }),
    found,
  };
}
