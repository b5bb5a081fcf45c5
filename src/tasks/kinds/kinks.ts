import { z } from "zod/mini";
import { failure } from "../../common/errors.js";
import { KINK_NUMBERS, kinkSums } from "../../curvature/index.js";
import { numbersOf } from "../divide.js";
import { readResults } from "../results.js";
import type { Outcome, TaskOf, WorkOptions } from "../types.js";
import { readVectors, rowsOptions } from "./products.js";

const foundSchema = z.strictObject({ fingerprint: z.string(), directions: z.number() });

/** Finds what some groups of rows add along the eigenvectors of a round. */
export async function runKinks(
  { parts, spec, groups }: TaskOf<"kinks">,
  options: WorkOptions,
): Promise<Outcome> {
  const { vectors: sha256, size, radius, batches, ...rows } = spec;
  const vectors = await readVectors(parts, sha256, size);
  const wanted = numbersOf(groups);
  const { sums, fingerprint, ...found } = await kinkSums(
    { ...rows, batches: numbersOf(batches), ...rowsOptions(options) },
    { vectors, radius },
    { first: wanted[0] ?? 0, count: wanted.length },
  );
  return {
    rows: found.rows,
    found: { fingerprint, directions: vectors.length },
    perBatch: sums.flat(),
    hasFiles: false,
  };
}

/** For each eigenvector what all groups add, in their order. */
export async function kinksOfTasks(parts: string): Promise<number[][][]> {
  const results = await readResults(parts, "kinks");
  const all: number[][][] = [];
  const fingerprints = new Set<string>();
  for (const { task, found, perBatch = [] } of results) {
    const { data } = foundSchema.safeParse(found);
    const groups = numbersOf(task.groups).length;
    const isWhole =
      data !== undefined &&
      perBatch.length === data.directions * groups &&
      perBatch.every(({ length }) => length === KINK_NUMBERS);
    if (!isWhole) {
      throw failure(`The result of task ${task.task} in ${parts} lacks the sums of its rows.`);
    }
    fingerprints.add(data.fingerprint);
    for (let at = 0; at < data.directions; at++) {
      (all[at] ??= []).push(...perBatch.slice(at * groups, (at + 1) * groups));
    }
  }
  if (fingerprints.size > 1) {
    throw failure(
      `The results in ${parts} are not of one dataset: it was changed between the tasks.`,
    );
  }
  return all;
}
