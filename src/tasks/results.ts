import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode } from "../common/errors.js";
import { forEachLimited } from "../common/worker-pool.js";
import { formatRanges } from "../common/ranges.js";
import { VERSION } from "../common/version.js";
import { syncFile } from "../files/atomic.js";
import { readJson } from "../files/read-json.js";
import { resultSchema } from "./schema.js";
import type { StoredResult, Task, TaskKind, TaskOf } from "./types.js";

/*
 * The results of a job's tasks in a folder that all machines see. Each attempt of a task writes under a name of its
 * own. The first that is complete publishes its result: a small file under the task's name, made by a hard link,
 * which fails where the name is taken. So of attempts that overlap exactly one counts, and what a killed one leaves
 * is named nowhere.
 */

const RESULT_FILE =
  /^(first-maximum|second-maximum|generate|verify|landscape|evaluate)-(\d{5,})\.json$/;

/** Result files that are read at once. */
const AT_ONCE = 16;

/** `generate-00007`. */
function nameOf({ kind, task }: Pick<Task, "kind" | "task">): string {
  return `${kind}-${String(task).padStart(5, "0")}`;
}

function fileOf(task: Task): string {
  return path.join(task.parts, `${nameOf(task)}.json`);
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
  const file = fileOf(task);
  if (!existsSync(file)) return undefined;
  const result = await readResult(file);
  if (identityOf(result.task) !== identityOf(task)) {
    throw failure(
      (option) =>
        `${file} is the result of another job's task ${task.task}; give each job a folder of its own with ${option("parts")}.`,
    );
  }
  return result;
}

async function readResult(file: string): Promise<StoredResult> {
  const result = await readJson(file, resultSchema, "the result of a task");
  if (result.version === VERSION) return result;
  throw failure(
    `${file} was made by vadi ${result.version}, and this is vadi ${VERSION}: use one version for all tasks of a job.`,
  );
}

/**
 * Publishes the result of an attempt, whose files are on disk, unless another attempt of the same task was first.
 *
 * @param attempt the attempt's own name
 * @returns the result that counts
 */
export async function publishResult(result: StoredResult, attempt: string): Promise<StoredResult> {
  const { task } = result;
  const file = fileOf(task);
  const temporary = path.join(task.parts, `${attempt}.json.tmp`);
  try {
    await writeFile(temporary, `${JSON.stringify(result)}\n`);
    await syncFile(temporary);
    await nameOnce(temporary, file);
    await syncFile(task.parts, "r");
  } catch (error) {
    throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
  } finally {
    await rm(temporary, { force: true });
  }
  const published = await findResult(task);
  if (published === undefined) throw failure(`${file} is gone; is the folder being removed?`);
  return published;
}

/** Gives a file its name unless another file has it. */
async function nameOnce(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return;
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"].includes(systemCode(error) ?? ""))
      throw error;
    // A file system without hard links: the last of several attempts counts. Each is complete, so any may.
    await rename(temporary, file);
  }
}

/** Whether a folder holds results of tasks. */
export async function isResultsFolder(folder: string): Promise<boolean> {
  const entries = await readdir(folder).catch(() => []);
  return entries.some((entry) => RESULT_FILE.test(entry));
}

/** The kinds of tasks that have results in a folder. */
export async function kindsIn(parts: string): Promise<Set<TaskKind>> {
  const entries = await readdir(parts).catch((error: unknown) => {
    throw failure(`Could not read ${parts}: ${messageOf(error)}.`, error);
  });
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
  const entries = await readdir(parts).catch((error: unknown) => {
    throw failure(`Could not read ${parts}: ${messageOf(error)}.`, error);
  });
  const files = entries.filter((entry) => RESULT_FILE.exec(entry)?.[1] === kind);
  await forEachLimited(files, AT_ONCE, async (file) => {
    const result = await readResult(path.join(parts, file));
    if (result.task.kind !== kind || nameOf(result.task) !== path.basename(file, ".json")) {
      throw failure(`${path.join(parts, file)} is not the result of the task in its name.`);
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
