import { isInterruption, messageOf, say, VadiError, type NameOption } from "../common/errors.js";
import { quote } from "../common/text/quote.js";
import { runTask } from "./run-task.js";
import { taskSchema } from "./schema.js";
import type { Task, TaskLine, WorkOptions } from "./types.js";

/**
 * Runs tasks one after the other, each given as a line of JSON. A task that fails does not keep the others from
 * being done. Empty lines are skipped.
 *
 * @param options.only run this task alone, by its number
 * @param options.nameOption how errors write the names of options
 * @yields a result for each task, failed or not
 * @throws an interruption once `signal` is aborted
 */
export async function* runTasks(
  lines: AsyncIterable<string> | Iterable<string>,
  options: WorkOptions & { only?: number | undefined; nameOption?: NameOption } = {},
): AsyncGenerator<TaskLine, void, void> {
  const { only, nameOption = (name) => name, ...work } = options;
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === "") continue;
    const read = readTask(text);
    if (only !== undefined && read.task !== only) continue;
    if ("error" in read) {
      yield {
        task: read.task,
        kind: read.kind,
        status: "failed",
        line,
        error: `Line ${line}: ${read.error}`,
      };
      continue;
    }
    yield await attempt(read, work, line, nameOption);
  }
}

async function attempt(
  task: Task,
  options: WorkOptions,
  line: number,
  nameOption: NameOption,
): Promise<TaskLine> {
  try {
    return await runTask(task, options);
  } catch (error) {
    if (isInterruption(error)) throw error;
    const sentence =
      error instanceof VadiError ? say(error.sentence, nameOption) : messageOf(error);
    return { task: task.task, kind: task.kind, status: "failed", line, error: sentence };
  }
}

/** A line that is not a task. */
interface Malformed {
  task: number | null;
  kind: string | null;
  error: string;
}

const KINDS = taskSchema.def.options.map(({ shape }) => shape.kind.def.values[0]);

function readTask(text: string): Task | Malformed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { task: null, kind: null, error: `it is not valid JSON (${messageOf(error)}).` };
  }
  const parsed = taskSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const { task, kind } = (typeof value === "object" && value !== null ? value : {}) as Partial<
    Record<string, unknown>
  >;
  const where = issue?.path.join(".") ?? "";
  const what = where === "kind" ? `must be ${KINDS.join(", ")}` : (issue?.message ?? "malformed");
  return {
    task: typeof task === "number" ? task : null,
    kind: typeof kind === "string" ? kind : null,
    error: where === "" ? `it is not a task: ${what}.` : `${quote(where)} is wrong: ${what}.`,
  };
}
