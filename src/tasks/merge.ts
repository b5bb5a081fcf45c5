import { failure, usageError } from "../common/errors.js";
import type { CurvatureResult } from "../curvature/index.js";
import type { OnProgress } from "../common/progress.js";
import type { Landscape } from "../landscape/index.js";
import { absoluteLocation } from "../storage/index.js";
import type { JoinOptions, VerifyResult, WrittenDataset } from "../storage/index.js";
import type { Evaluation } from "../train/index.js";
import { resultsFolder } from "./results-folder.js";
import { isCurvatureFolder, kindsIn } from "./results.js";

/** How the results of tasks are put together. */
export interface MergeTasksOptions {
  /** Folder of the dataset, the landscape or the curvature. */
  out?: string | undefined;
  /** Replace an existing landscape or curvature. */
  force?: boolean | undefined;
  /** How the files of a dataset are checked. */
  check?: JoinOptions["check"];
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** What a job's tasks came to. */
export type MergedTasks =
  | { job: "generate"; dataset: WrittenDataset }
  | { job: "verify"; verification: VerifyResult & { files: number } }
  | { job: "landscape"; landscape: Landscape }
  | { job: "curvature"; curvature: CurvatureResult }
  | { job: "evaluate"; evaluation: Evaluation };

/**
 * Puts the results of a job's tasks together, one of each task however many attempts there were. They stay as they
 * are.
 *
 * @param parts the folder of the tasks' results
 * @throws a failure where a task has no result yet, or results are of different jobs
 */
export async function mergeTasks(
  parts: string,
  options: MergeTasksOptions = {},
): Promise<MergedTasks> {
  const folder = absoluteLocation(parts);
  const { out, force, check, ...rest } = options;
  const named = (): string => {
    if (out !== undefined) return out;
    throw usageError((option) => `The option ${option("out")} is required.`);
  };
  if (isCurvatureFolder(folder)) {
    const { mergeCurvature } = await import("./kinds/curvature.js");
    const { signal } = rest;
    const merged = mergeCurvature(folder, named(), { force, ...(signal && { signal }) });
    return { job: "curvature", curvature: await merged };
  }
  const kinds = await kindsIn(folder);
  if (kinds.has("generate")) {
    const { mergeGenerate } = await import("./kinds/generate.js");
    return { job: "generate", dataset: await mergeGenerate(folder, named(), { ...rest, check }) };
  }
  if (kinds.has("landscape")) {
    const { mergeLandscapeTasks } = await import("./kinds/landscape.js");
    const { signal } = rest;
    const merged = mergeLandscapeTasks(folder, { out: named(), force, ...(signal && { signal }) });
    return { job: "landscape", landscape: await merged };
  }
  if (kinds.has("verify")) {
    const { mergeVerify } = await import("./kinds/verify.js");
    return { job: "verify", verification: await mergeVerify(folder) };
  }
  if (kinds.has("evaluate")) {
    const { mergeEvaluate } = await import("./kinds/evaluate.js");
    return { job: "evaluate", evaluation: await mergeEvaluate(folder) };
  }
  throw failure(
    kinds.size === 0
      ? `${folder} holds no results of tasks.`
      : (option) =>
          `${folder} holds maxima alone: plan the next ${option("stage")}, and run its tasks.`,
  );
}

/** Removes the results of a job's tasks, on disk or in a bucket, also what killed attempts have left. */
export function discardTasks(parts: string): Promise<void> {
  return resultsFolder(absoluteLocation(parts)).removeAll();
}
