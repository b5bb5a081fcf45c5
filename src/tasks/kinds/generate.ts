import { usageError } from "../../common/errors.js";
import {
  checkGenerateSpec,
  joinDatasets,
  locationIn,
  writePart,
  type JoinOptions,
  type WrittenDataset,
} from "../../storage/index.js";
import type { GivenOptions } from "../../common/options/options.js";
import { divide, upTo } from "../divide.js";
import type { generateTaskOptions, STAGES } from "../options.js";
import { readResults } from "../results.js";
import type { Outcome, Task, TaskOf, WorkOptions } from "../types.js";
import { firstMaximum, secondMaximum } from "./maximum.js";

type Stage = (typeof STAGES)[number];

/** Generates some shards into the attempt's folder. */
export async function runGenerate(
  { spec, maxima, shards }: TaskOf<"generate">,
  folder: string,
  { workers, signal, onProgress }: WorkOptions,
): Promise<Outcome> {
  const written = await writePart(
    { ...spec, out: folder, shards, maxima, workers },
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  );
  const found = { shards: written.shards.length, bytes: written.bytes };
  return { rows: written.rows, found, hasFiles: true };
}

/** The tasks of generated data, or of one stage of it. */
export async function planGenerate(
  given: GivenOptions<typeof generateTaskOptions>,
  stage: Stage,
  parts: string,
  tasks: number,
): Promise<Task[]> {
  const { row, rows, format, compression, shardRows } = checkGenerateSpec({ ...given, out: parts });
  const { kind, ...numbers } = row;
  const ranges = divide(upTo(Math.ceil(rows / shardRows)), tasks);
  const toTasks = <One extends Task>(common: Omit<One, "task" | "tasks" | "parts" | "shards">) =>
    ranges.map(
      (shards, task) => ({ task, tasks: ranges.length, parts, ...common, shards }) as Task,
    );
  const spec = { kind, rows, ...numbers, format, compression, shardRows };
  if (kind === "lsm") {
    if (stage === "shards") return toTasks<TaskOf<"generate">>({ kind: "generate", spec });
    throw usageError(
      (option) =>
        `${option("stage")} ${stage} is for two-layer-sigmoid data; LSM data has no maxima.`,
    );
  }
  const searched = { rows, ...numbers, shardRows };
  if (stage === "first-maximum") {
    return toTasks<TaskOf<"first-maximum">>({ kind: "first-maximum", spec: searched });
  }
  if (stage === "second-maximum") {
    const first = await firstMaximum(parts);
    checkSame(first.spec, searched, parts);
    return toTasks<TaskOf<"second-maximum">>({
      kind: "second-maximum",
      spec: { ...searched, firstMaximum: first.maximum },
    });
  }
  const second = await secondMaximum(parts);
  const { firstMaximum: a, ...found } = second.spec;
  checkSame(found, searched, parts);
  const maxima: [number, number] = [a, second.maximum];
  return toTasks<TaskOf<"generate">>({ kind: "generate", spec, maxima });
}

/** Throws unless the maxima are those of the data that is to be made. */
function checkSame(found: object, wanted: Record<string, unknown>, parts: string): void {
  const differing = Object.entries(found).find(([name, value]) => wanted[name] !== value);
  if (differing === undefined) return;
  const [name, value] = differing;
  throw usageError(
    (option) =>
      `The maxima in ${parts} are those of other data: ${option(name)} is ${value} there, not ${String(wanted[name])}.`,
  );
}

/** Joins the shards of all tasks. */
export async function mergeGenerate(
  parts: string,
  out: string,
  options: JoinOptions,
): Promise<WrittenDataset> {
  const results = await readResults(parts, "generate");
  const folders = results.map(({ folder = "" }) => locationIn(parts, folder));
  return joinDatasets(folders, out, options);
}
