import { availableParallelism } from "node:os";
import path from "node:path";
import { shellWord } from "../common/command-line.js";
import { fillOptions, optionWords, pickOptions } from "../common/options/options.js";
import { checkResumeOrForce } from "../files/output-folder.js";
import { selectBatches } from "../landscape/index.js";
import type { Run } from "../train/index.js";
import { curvatureOptions } from "./options.js";
import type { HessianPart } from "./products/types.js";
import type { CurvatureOptions } from "./types.js";
import { outputPath } from "../files/output-path.js";

/** What a curvature is computed with: the options with their defaults. */
export interface CurvatureSettings {
  out: string;
  /** Numbers of the batches, ascending. */
  batches: number[];
  allBatches: boolean;
  batchSize: number;
  vectors: number;
  tolerance: number;
  method: "auto" | "matrix" | "products";
  part: HessianPart;
  density: boolean;
  probes: number;
  perBatch: boolean;
  alongPath: boolean;
  kinks: number | undefined;
  products: number;
  seed: number;
  workers: number;
  memory: number;
  /** The settings as a command line. */
  command: string;
}

/**
 * Fills in the defaults and checks the rest.
 *
 * @param rows of the dataset
 * @throws a usage error that names the option
 */
export function curvatureSettings(
  run: Pick<Run, "dir" | "record">,
  rows: number,
  options: CurvatureOptions,
): CurvatureSettings {
  const { dataset, ...given } = options;
  const filled = fillOptions(curvatureOptions, given);
  checkResumeOrForce(filled.resume, filled.force);
  const batchSize = filled.batchSize ?? run.record.options.batchSize;
  const batches = selectBatches(filled.batches, rows, batchSize);
  const allBatches = batches.length === Math.ceil(rows / batchSize);
  const name = [
    filled.part === "all" ? "hessian" : filled.part,
    ...(allBatches ? [] : [`batches-${curvatureOptions.batches.kind.print(filled.batches)}`]),
  ].join("-");
  const out = outputPath(filled.out ?? path.join(run.dir, "curvature", name.slice(0, 60)));
  const words = {
    ...pickOptions(curvatureOptions, { ...given }),
    ...(dataset !== undefined && {
      dataset: typeof dataset === "string" ? dataset : dataset.path,
    }),
    out,
  };
  const used = { ...filled, batchSize, dataset: undefined, out: undefined };
  const command = optionWords(curvatureOptions, used, words);
  return {
    ...filled,
    kinks: filled.kinks ?? undefined,
    out,
    batches,
    allBatches,
    batchSize,
    workers: filled.workers ?? availableParallelism(),
    command: [`vadi curvature ${shellWord(run.dir)}`, ...command].join(" "),
  };
}
