import { availableParallelism } from "node:os";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod/mini";
import { failure, messageOf } from "../../common/errors.js";
import { pickOptions } from "../../common/options/options.js";
import { cacheOptions } from "../../storage/options.js";
import { eigenvaluesOfBatches, groupSums } from "../../curvature/index.js";
import type { DividedRows } from "../../curvature/index.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { ensureFolder } from "../../files/folders.js";
import { hashBytes } from "../../files/hash.js";
import { numbersOf } from "../divide.js";
import { readResults, type ResultOf } from "../results.js";
import type { Outcome, TaskOf, WorkOptions } from "../types.js";

/** The vectors of a pass, one after the other, beside the results of its tasks. */
export const VECTORS_FILE = "vectors.bin";
/** The sums over a task's groups, one after the other, in the attempt's folder. */
const SUMS_FILE = "sums.bin";

const foundSchema = z.strictObject({
  fingerprint: z.string(),
  groups: z.number(),
  /** Of the file with the sums. */
  sha256: z.string(),
});

/** Computes the sums over some groups of rows, which a pass over all rows adds up. */
export async function runProducts(
  { parts, spec, groups }: TaskOf<"products">,
  folder: string,
  options: WorkOptions,
): Promise<Outcome> {
  const { vectors: sha256, size, batches, ...rows } = spec;
  const vectors = await readVectors(parts, sha256, size);
  const wanted = numbersOf(groups);
  const found = await groupSums(
    { ...rows, batches: numbersOf(batches), ...rowsOptions(options) },
    vectors,
    { first: wanted[0] ?? 0, count: wanted.length },
  );
  const bytes = Buffer.concat(found.sums.map(({ buffer }) => new Uint8Array(buffer)));
  await ensureFolder(folder);
  await writeFileAtomic(path.join(folder, SUMS_FILE), bytes);
  return {
    rows: found.rows,
    found: {
      fingerprint: found.fingerprint,
      groups: found.sums.length,
      sha256: hashBytes(bytes),
    },
    hasFiles: true,
  };
}

/**
 * The sums over all groups of a pass, in their order, from the results of its tasks.
 *
 * @yields a group's sums
 */
export async function* sumsOfTasks(
  parts: string,
  results: readonly ResultOf<"products">[],
  fingerprint: string,
): AsyncGenerator<Float64Array, void, void> {
  for (const { task, folder = "", found } of results) {
    const { data } = foundSchema.safeParse(found);
    if (data?.fingerprint !== fingerprint || data.groups !== numbersOf(task.groups).length) {
      throw failure(`The result of task ${task.task} in ${parts} is not of this dataset.`);
    }
    const sums = await readNumbers(path.join(parts, folder, SUMS_FILE), data.sha256);
    const length = sums.length / data.groups;
    for (let at = 0; at < data.groups; at++) yield sums.subarray(at * length, (at + 1) * length);
  }
}

/**
 * The vectors of a round.
 *
 * @param size how many numbers each has
 */
export async function readVectors(
  parts: string,
  sha256: string,
  size: number,
): Promise<Float64Array[]> {
  const numbers = await readNumbers(path.join(parts, VECTORS_FILE), sha256);
  return Array.from({ length: numbers.length / size }, (_, at) =>
    numbers.subarray(at * size, (at + 1) * size),
  );
}

async function readNumbers(file: string, sha256: string): Promise<Float64Array> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  });
  if (hashBytes(bytes) !== sha256) throw failure(`${file} is not the file that was written.`);
  return new Float64Array(new Uint8Array(bytes).buffer);
}

/** Finds the eigenvalues of each of some batches. */
export async function runBatchEigenvalues(
  { spec, batches }: TaskOf<"batch-eigenvalues">,
  options: WorkOptions,
): Promise<Outcome> {
  const { seed, tolerance, products, memory, ...rows } = spec;
  const { found, fingerprint, ...rest } = await eigenvaluesOfBatches(
    { ...rows, batches: numbersOf(batches), ...rowsOptions(options) },
    { seed, tolerance, products, memory },
  );
  const perBatch = found.map((one) => [
    one.batch,
    one.least,
    one.leastResidual,
    one.largest,
    one.largestResidual,
  ]);
  return { rows: rest.rows, found: { fingerprint }, perBatch, hasFiles: false };
}

const batchSchema = z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]));

/** The eigenvalues of all batches, in their order. */
export async function batchesOfTasks(parts: string): Promise<
  {
    batch: number;
    least: number;
    leastResidual: number;
    largest: number;
    largestResidual: number;
  }[]
> {
  const results = await readResults(parts, "batch-eigenvalues");
  return results.flatMap(({ task, perBatch }) => {
    const { data } = batchSchema.safeParse(perBatch);
    if (data?.length !== numbersOf(task.batches).length) {
      throw failure(`The result of task ${task.task} in ${parts} lacks eigenvalues.`);
    }
    return data.map(([batch, least, leastResidual, largest, largestResidual]) => ({
      batch,
      least,
      leastResidual,
      largest,
      largestResidual,
    }));
  });
}

/** How a machine reads rows and computes. */
export function rowsOptions({
  workers = availableParallelism(),
  signal,
  onProgress,
  ...machine
}: WorkOptions): Pick<DividedRows, "workers" | "signal" | "onRows" | "cache" | "cacheSize"> {
  return {
    ...pickOptions(cacheOptions, machine),
    workers,
    signal,
    ...(onProgress && {
      onRows: (done, total) => onProgress({ phase: "products", done, total, unit: "rows" }),
    }),
  };
}
