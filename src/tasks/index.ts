/**
 * Work for many machines: a job divided into tasks, each task as one JSON line, and their results put together.
 * Uses curvature's folder and all before it; a scheduler (Spark, Slurm, Kubernetes, GNU parallel) does the rest.
 *
 * @module
 */
export { discardTasks, mergeTasks } from "./merge.js";
export type { MergedTasks, MergeTasksOptions } from "./merge.js";
export { planTasks } from "./plan.js";
export type { PlanTasksOptions, TaskJob } from "./plan.js";
export { isResultsFolder } from "./results.js";
export { runTask, type RunTaskOptions } from "./run-task.js";
export { runTasks } from "./run-tasks.js";
export type { Task, TaskKind, TaskLine, TaskResult } from "./types.js";
