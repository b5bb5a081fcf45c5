import type { MergedTasks, MergeTasksOptions } from "../../../tasks/index.js";

/** Puts the results of tasks together where a command's only argument is their folder; undefined otherwise. */
export async function mergeResults(
  sources: readonly string[],
  options: MergeTasksOptions,
): Promise<MergedTasks | undefined> {
  const [parts, ...more] = sources;
  if (parts === undefined || more.length > 0) return undefined;
  const { isResultsFolder, mergeTasks } = await import("../../../tasks/index.js");
  return (await isResultsFolder(parts)) ? mergeTasks(parts, options) : undefined;
}
