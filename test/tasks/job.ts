import { readFile } from "node:fs/promises";
import path from "node:path";
import { assert } from "../helpers/test.js";
import { planTasks, runTasks, type PlanTasksOptions, type TaskJob } from "../../src/index.js";
import type { TaskResult } from "../../src/tasks/index.js";

/** Plans a job and does its tasks, each as a line of JSON. */
export async function runJob(job: TaskJob, options: PlanTasksOptions): Promise<TaskResult[]> {
  const tasks = await planTasks(job, options);
  const results: TaskResult[] = [];
  const lines = tasks.map((task) => JSON.stringify(task));
  for await (const result of runTasks(lines, { workers: 1 })) {
    if (result.status === "failed") throw new Error(result.error);
    results.push(result);
  }
  return results;
}

/** Asserts that two folders have files of the same bytes. */
export async function assertSameFiles(
  one: string,
  other: string,
  files: readonly string[],
): Promise<void> {
  for (const file of files) {
    const [a, b] = await Promise.all([one, other].map((dir) => readFile(path.join(dir, file))));
    assert.ok(a!.equals(b!), `${file} of ${one} and ${other}`);
  }
}
