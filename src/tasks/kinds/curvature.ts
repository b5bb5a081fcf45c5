import path from "node:path";
import { z } from "zod/mini";
import { fillOptions, pickOptions, type GivenOptions } from "../../common/options/options.js";
import { formatRanges } from "../../common/ranges.js";
import { finishCurvature, nextPass } from "../../curvature/index.js";
import type {
  CurvatureResult,
  DividedJob,
  NeededKinks,
  NeededPass,
} from "../../curvature/index.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { ensureFolder } from "../../files/folders.js";
import { hashBytes } from "../../files/hash.js";
import { lockFolder } from "../../files/lock.js";
import { readJson } from "../../files/read-json.js";
import { absoluteLocation } from "../../storage/index.js";
import { divide, upTo } from "../divide.js";
import { curvatureTaskOptions } from "../options.js";
import { CURVATURE_JOB_FILE as JOB_FILE, findResult, readResults } from "../results.js";
import { givenSchema } from "../schema.js";
import type { Task, TaskOf } from "../types.js";
import { kinksOfTasks } from "./kinks.js";
import { batchesOfTasks, sumsOfTasks, VECTORS_FILE } from "./products.js";

/*
 * A curvature in rounds: each is a pass over the rows, divided among tasks. Within the folder of the results, a folder
 * `products-00012` holds the vectors of the pass that follows on 12 products, and the results of its tasks; `kinks`
 * holds what kinks add along eigenvectors, and `batches` the eigenvalues of single batches; `products.bin` is the log of all products so far.
 */

/** The folder of the round that finds what kinks add. */
const KINKS = "kinks";

type Given = GivenOptions<typeof curvatureTaskOptions>;

const jobSchema = z.strictObject({
  formatVersion: z.literal(1),
  run: z.string(),
  options: givenSchema(curvatureTaskOptions),
});

/**
 * The tasks of the round that is next. The products of earlier rounds are added up first.
 *
 * @returns none where all rounds are done
 */
export async function planCurvature(
  run: string,
  given: Given,
  parts: string,
  tasks: number,
): Promise<Task[]> {
  const options: Given = {
    ...pickOptions(curvatureTaskOptions, given),
    ...(given.dataset !== undefined && { dataset: absoluteLocation(given.dataset) }),
  };
  await ensureFolder(parts);
  const unlock = lockFolder(parts);
  try {
    const dir = path.resolve(run);
    const filled = fillOptions(curvatureTaskOptions, options);
    let planned: Task[] = [];
    const sumsOf = async (
      pass: NeededPass,
      job: DividedJob,
    ): Promise<AsyncIterable<Float64Array> | undefined> => {
      const folder = roundFolder(parts, pass.before);
      planned = passTasks(dir, job, pass, folder, tasks);
      if (await areDone(planned)) {
        return sumsOfTasks(folder, await readResults(folder, "products"), job.dataset.fingerprint);
      }
      await writeVectors(folder, pass);
      return undefined;
    };
    const { job, pass, kinks } = await nextPass(dir, options, parts, sumsOf);
    const content = { formatVersion: 1, run: dir, options };
    await writeFileAtomic(path.join(parts, JOB_FILE), `${JSON.stringify(content)}\n`);
    if (pass !== undefined) return planned;
    if (kinks !== undefined) {
      const folder = path.join(parts, KINKS);
      const along = kinkTasks(dir, job, kinks, folder, tasks);
      if (!(await areDone(along))) {
        await writeVectors(folder, kinks);
        return along;
      }
    }
    if (!job.perBatch) return [];
    const each = batchTasks(dir, job, filled, path.join(parts, "batches"), tasks);
    return (await areDone(each)) ? [] : each;
  } finally {
    unlock();
  }
}

/** `products-00012`. */
function roundFolder(parts: string, before: number): string {
  return path.join(parts, `products-${String(before).padStart(5, "0")}`);
}

async function areDone(tasks: readonly Task[]): Promise<boolean> {
  for (const task of tasks) if ((await findResult(task)) === undefined) return false;
  return true;
}

function passTasks(
  run: string,
  job: DividedJob,
  pass: NeededPass,
  parts: string,
  tasks: number,
): Task[] {
  const spec: TaskOf<"products">["spec"] = specOf(run, job, pass);
  return shares(pass, parts, tasks).map((share) => ({ kind: "products", spec, ...share }));
}

function kinkTasks(
  run: string,
  job: DividedJob,
  kinks: NeededKinks,
  parts: string,
  tasks: number,
): Task[] {
  const spec: TaskOf<"kinks">["spec"] = { ...specOf(run, job, kinks), radius: kinks.radius };
  return shares(kinks, parts, tasks).map((share) => ({ kind: "kinks", spec, ...share }));
}

/** What tasks over groups of rows have in common. */
function specOf(
  run: string,
  { dataset, batches, batchSize, part, model }: DividedJob,
  { vectors, size }: Pick<NeededPass, "vectors" | "size">,
): TaskOf<"products">["spec"] {
  return {
    run,
    dataset: dataset.path,
    batchSize,
    part,
    model,
    batches: formatRanges(batches),
    vectors: hashBytes(bytesOf(vectors)),
    size,
  };
}

/** The groups of rows of each task. */
function shares(
  { groups }: Pick<NeededPass, "groups">,
  parts: string,
  tasks: number,
): Pick<TaskOf<"products">, "task" | "tasks" | "parts" | "groups">[] {
  const ranges = divide(upTo(groups), tasks);
  return ranges.map((some, task) => ({ task, tasks: ranges.length, parts, groups: some }));
}

async function writeVectors(
  folder: string,
  { vectors }: Pick<NeededPass, "vectors">,
): Promise<void> {
  await ensureFolder(folder);
  await writeFileAtomic(path.join(folder, VECTORS_FILE), bytesOf(vectors));
}

function bytesOf(vectors: readonly Float64Array[]): Buffer {
  return Buffer.concat(
    vectors.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
  );
}

function batchTasks(
  run: string,
  { dataset, batches, batchSize, part, model }: DividedJob,
  {
    seed,
    tolerance,
    products,
    memory,
  }: Pick<Required<Given>, "seed" | "tolerance" | "products" | "memory">,
  parts: string,
  tasks: number,
): Task[] {
  const ranges = divide(batches, tasks);
  const spec = { run, dataset: dataset.path, batchSize, part, model };
  return ranges.map((some, task) => ({
    kind: "batch-eigenvalues",
    task,
    tasks: ranges.length,
    parts,
    spec: { ...spec, seed, tolerance, products, memory },
    batches: some,
  }));
}

/** Writes the result of a curvature whose rounds are all done. */
export async function mergeCurvature(
  parts: string,
  out: string,
  { force, signal }: { force?: boolean | undefined; signal?: AbortSignal },
): Promise<CurvatureResult> {
  const file = path.join(parts, JOB_FILE);
  const { run, options } = await readJson(file, jobSchema, "a divided curvature's job");
  const unlock = lockFolder(parts);
  try {
    const isEach = options.perBatch === true;
    const batches = isEach ? await batchesOfTasks(path.join(parts, "batches")) : [];
    const hasKinks = options.kinks !== undefined && options.kinks !== null;
    const kinks = hasKinks ? await kinksOfTasks(path.join(parts, KINKS)) : [];
    const given = { ...options, out, force, ...(signal && { signal }) };
    return await finishCurvature(run, given, parts, { batches, kinks });
  } finally {
    unlock();
  }
}
