import { z } from "zod/mini";
import { failure } from "../../common/errors.js";
import { findMaximum } from "../../storage/index.js";
import { readResults } from "../results.js";
import type { Outcome, StoredResult, TaskOf, WorkOptions } from "../types.js";

const foundSchema = z.strictObject({ maximum: z.number() });

/** Finds the largest value of one layer of two-layer-sigmoid data over some shards. */
export async function runMaximum(
  { spec, shards }: TaskOf<"first-maximum" | "second-maximum">,
  { workers, ...options }: WorkOptions,
): Promise<Outcome> {
  const { first, second, rows } = await findMaximum({ ...spec, shards, workers }, options);
  const maximum = "firstMaximum" in spec ? second : first;
  return { rows, found: { maximum }, hasFiles: false };
}

/** The first maximum over all shards, from the results of all tasks, and the spec of these. */
export async function firstMaximum(
  parts: string,
): Promise<{ maximum: number; spec: TaskOf<"first-maximum">["spec"] }> {
  const results = await readResults(parts, "first-maximum");
  return { maximum: largestOf(results, parts), spec: results[0].task.spec };
}

/** The second maximum likewise; the first is in the spec. */
export async function secondMaximum(
  parts: string,
): Promise<{ maximum: number; spec: TaskOf<"second-maximum">["spec"] }> {
  const results = await readResults(parts, "second-maximum");
  return { maximum: largestOf(results, parts), spec: results[0].task.spec };
}

function largestOf(results: readonly StoredResult[], parts: string): number {
  const maxima = results.map(({ found, task: { kind, task } }) => {
    const parsed = foundSchema.safeParse(found);
    if (parsed.success) return parsed.data.maximum;
    throw failure(`The result of the ${kind} task ${task} in ${parts} has no maximum.`);
  });
  return Math.max(...maxima);
}
