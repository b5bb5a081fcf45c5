import { usageError } from "../../common/errors.js";
import { fillOptions, pickOptions, type GivenOptions } from "../../common/options/options.js";
import {
  landscape,
  landscapeSettings,
  mergeLandscapes,
  datasetOfRun,
  selectBatches,
  type Landscape,
  type MergeOptions,
} from "../../landscape/index.js";
import type { landscapeOptions } from "../../landscape/options.js";
import { absoluteLocation, isRemote, locationIn } from "../../storage/index.js";
import { openRun } from "../../train/index.js";
import { divide, numbersOf } from "../divide.js";
import { landscapeTaskOptions } from "../options.js";
import { readResults } from "../results.js";
import type { Outcome, Task, TaskOf, WorkOptions } from "../types.js";

/** Computes the curves of some batches in the attempt's folder. */
export async function runLandscape(
  { spec, batches }: TaskOf<"landscape">,
  folder: string,
  { signal, onProgress, ...machine }: WorkOptions,
): Promise<Outcome> {
  if (isRemote(folder)) throw usageError(`${folder} is not a folder on disk, as landscapes need.`);
  const { run, ...options } = spec;
  const { record } = await landscape(run, {
    ...options,
    // The merge needs the curves; it keeps what the plan says.
    keep: "all",
    batches: numbersOf(batches),
    out: folder,
    ...machine,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  return { rows: record.rows, found: { batches: record.batches.length }, hasFiles: true };
}

/** The tasks of a landscape. */
export async function planLandscape(
  run: string,
  given: GivenOptions<typeof landscapeTaskOptions> & {
    batches?: GivenOptions<typeof landscapeOptions>["batches"];
  },
  parts: string,
  tasks: number,
): Promise<Task[]> {
  const { along, scale } = fillOptions(landscapeTaskOptions, given);
  // Each would differ from task to task.
  if (along === "gradient" || along === "swap") {
    throw usageError(
      (option) =>
        `${option("along")} ${along} is found from the selected batches, which are divided among tasks; choose ${along === "swap" ? "the units, swap:LAYER:I:J" : "another line"}.`,
    );
  }
  if (scale === "auto") {
    throw usageError(
      (option) =>
        `${option("scale")} auto is found from the selected batches, which are divided among tasks; give a number.`,
    );
  }
  const opened = await openRun(run);
  const { batchSize, batches } = landscapeSettings(given, opened.record.options.batchSize);
  const { dataset } = given;
  const { rows } = await datasetOfRun(
    opened,
    dataset === undefined ? undefined : absoluteLocation(dataset),
    {},
  );
  const ranges = divide(selectBatches(batches, rows, batchSize), tasks);
  const spec = {
    run: opened.dir,
    ...pickOptions(landscapeTaskOptions, given),
    ...(dataset !== undefined && { dataset: absoluteLocation(dataset) }),
    ...(along.startsWith("model:") && {
      along: `model:${absoluteLocation(along.slice("model:".length))}` as const,
    }),
    batchSize,
  };
  return ranges.map((some, task) => ({
    kind: "landscape",
    task,
    tasks: ranges.length,
    parts,
    spec,
    batches: some,
  }));
}

/** Merges the curves of all tasks. */
export async function mergeLandscapeTasks(
  parts: string,
  options: MergeOptions,
): Promise<Landscape> {
  const results = await readResults(parts, "landscape");
  const folders = results.map(({ folder = "" }) => locationIn(parts, folder));
  const { keep } = results[0].task.spec;
  return mergeLandscapes(folders, { ...(keep && { keep }), ...options }, [parts]);
}
