import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { failure } from "../common/errors.js";
import { formatRanges } from "../common/ranges.js";
import { VERSION } from "../common/version.js";
import { forEachLimited } from "../common/worker-pool.js";
import { parseJson } from "../files/read-json.js";
import { isRemote, locationIn } from "../storage/index.js";
import { resultsFolder } from "./results-folder.js";
import { resultSchema } from "./schema.js";
import type { StoredResult, Task, TaskKind, TaskOf } from "./types.js";

/*
 * The results of a job's tasks in a folder that all machines see. Each attempt of a task writes under a name of its
 * own. The first that is complete publishes its result: a small file under the task's name, which is written only if
 * there is none. So of attempts that overlap exactly one counts, and what a killed one leaves is named nowhere.
 */

const RESULT_FILE =
  /^(first-maximum|second-maximum|generate|verify|landscape|evaluate|products|kinks|batch-eigenvalues)-(\d{5,})\.json$/;

/** Result files that are read at once. */
const AT_ONCE = 16;

/** `generate-00007`. */
function nameOf({ kind, task }: Pick<Task, "kind" | "task">): string {
  return `${kind}-${String(task).padStart(5, "0")}`;
}

function fileOf(task: Task): string {
  return `${nameOf(task)}.json`;
}

/** A name for an attempt that no other has. */
export function attemptName(task: Task): string {
  const unique = randomBytes(6).toString("hex");
  return `${nameOf(task)}.${task.attempt === undefined ? "" : `${task.attempt}-`}${unique}`;
}

/** The task without what differs between its attempts, and between folders that are mounted elsewhere. */
function identityOf({ attempt: _attempt, parts: _parts, ...task }: Task): string {
  return JSON.stringify(task, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : value,
  );
}

/**
 * The published result of a task; undefined where there is none yet.
 *
 * @throws a failure where the result is that of another job
 */
export async function findResult(task: Task): Promise<StoredResult | undefined> {
  const result = await readResult(task.parts, fileOf(task));
  if (result !== undefined && identityOf(result.task) !== identityOf(task)) {
    throw failure(
      (option) =>
        `${locationIn(task.parts, fileOf(task))} is the result of another job's task ${task.task}; give each job a folder of its own with ${option("parts")}.`,
    );
  }
  return result;
}

async function readResult(parts: string, name: string): Promise<StoredResult | undefined> {
  const text = await resultsFolder(parts).read(name);
  if (text === undefined) return undefined;
  const file = locationIn(parts, name);
  const result = parseJson(text, resultSchema, file, "the result of a task");
  if (result.version === VERSION) return result;
  throw failure(
    `${file} was made by vadi ${result.version}, and this is vadi ${VERSION}: use one version for all tasks of a job.`,
  );
}

/**
 * Publishes the result of an attempt, whose files are durable, unless another attempt of the same task was first.
 *
 * @param attempt the attempt's own name
 * @returns the result that counts
 */
export async function publishResult(result: StoredResult, attempt: string): Promise<StoredResult> {
  const { task } = result;
  await resultsFolder(task.parts).publish(fileOf(task), `${JSON.stringify(result)}\n`, attempt);
  const published = await findResult(task);
  if (published !== undefined) return published;
  throw failure(`${locationIn(task.parts, fileOf(task))} is gone; is the folder being removed?`);
}

/** The file that a divided curvature's folder has beside the folders of its rounds. */
export const CURVATURE_JOB_FILE = "curvature.job.json";

/** Whether a folder holds a divided curvature. */
export function isCurvatureFolder(parts: string): boolean {
  return !isRemote(parts) && existsSync(path.join(parts, CURVATURE_JOB_FILE));
}

/** Whether a folder holds results of tasks. */
export async function isResultsFolder(folder: string): Promise<boolean> {
  if (isCurvatureFolder(folder)) return true;
  const entries = await resultsFolder(folder)
    .list()
    .catch(() => []);
  return entries.some((entry) => RESULT_FILE.test(entry));
}

/** The kinds of tasks that have results in a folder. */
export async function kindsIn(parts: string): Promise<Set<TaskKind>> {
  const entries = await resultsFolder(parts).list();
  const kinds = entries.map((entry) => RESULT_FILE.exec(entry)?.[1] as TaskKind | undefined);
  return new Set(kinds.filter((kind) => kind !== undefined));
}

/** The result of a task of one kind. */
export type ResultOf<Kind extends TaskKind> = Omit<StoredResult, "task"> & { task: TaskOf<Kind> };

/**
 * The results of all tasks of a kind, in the order of the tasks.
 *
 * @throws a failure where some are missing, or of another job
 */
export async function readResults<Kind extends TaskKind>(
  parts: string,
  kind: Kind,
): Promise<[ResultOf<Kind>, ...ResultOf<Kind>[]]> {
  const results: ResultOf<Kind>[] = [];
  const entries = await resultsFolder(parts).list();
  const files = entries.filter((entry) => RESULT_FILE.exec(entry)?.[1] === kind);
  await forEachLimited(files, AT_ONCE, async (file) => {
    const result = await readResult(parts, file);
    if (result === undefined) return;
    if (result.task.kind !== kind || fileOf(result.task) !== file) {
      throw failure(`${locationIn(parts, file)} is not the result of the task in its name.`);
    }
    results[result.task.task] = result as ResultOf<Kind>;
  });
  const [first] = Object.values(results);
  if (first === undefined) throw failure(`${parts} has no results of ${kind} tasks.`);
  const { tasks, spec } = first.task;
  for (const { task } of Object.values(results)) {
    if (task.tasks === tasks && JSON.stringify(task.spec) === JSON.stringify(spec)) continue;
    throw failure(
      `${parts} has results of different jobs: those of the ${kind} tasks ${first.task.task} and ${task.task} are not of the same plan.`,
    );
  }
  const missing = Array.from({ length: tasks }, (_, task) => task).filter(
    (task) => results[task] === undefined,
  );
  if (missing.length > 0) {
    throw failure(
      `${parts} lacks the results of the ${kind} tasks ${formatRanges(missing)} of ${tasks}: run them (again).`,
    );
  }
  return results.slice(0, tasks) as [ResultOf<Kind>, ...ResultOf<Kind>[]];
}
