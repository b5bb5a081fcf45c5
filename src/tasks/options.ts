import { choice, count, text } from "../common/options/kinds.js";
import { flag, optional, withDefault } from "../common/options/options.js";
import { curvatureOptions } from "../curvature/options.js";
import { landscapeOptions } from "../landscape/options.js";
import { cacheOptions, generateOptions } from "../storage/options.js";

/*
 * The options of plans and tasks.
 */

/** The jobs that can be divided into tasks. */
export const TASK_JOBS = ["generate", "verify", "landscape", "evaluate", "curvature"] as const;

/** The stages of two-layer-sigmoid data: each needs the results of the one before. */
export const STAGES = ["first-maximum", "second-maximum", "shards"] as const;

/** How a job is divided. */
export const planOptions = {
  /** There are fewer where the job has fewer shards or batches. */
  tasks: withDefault(count(1, 1_000_000), 100, "How many tasks; fewer where there is less to do"),
  /** The folder for what the tasks write, which all machines see. Default: the job's `out` with `.parts`. */
  parts: optional(text, "Folder for the tasks' results, seen by all machines", "OUT.parts"),
  stage: withDefault(
    choice(STAGES),
    "shards",
    "two-layer-sigmoid: first-maximum, second-maximum, then shards",
  ),
  /** Leave out tasks that have a result. */
  resume: flag("Leave out the tasks that have a result"),
};

/** What tasks of generated data have in common. */
export const generateTaskOptions = {
  kind: generateOptions.kind,
  rows: generateOptions.rows,
  features: generateOptions.features,
  noise: generateOptions.noise,
  seed: generateOptions.seed,
  format: generateOptions.format,
  compression: generateOptions.compression,
  shardRows: generateOptions.shardRows,
};

const {
  out: _out,
  batches: _batches,
  workers: _workers,
  cache: _cache,
  cacheSize: _cacheSize,
  resume: _resume,
  force: _force,
  ...lineAndPoints
} = landscapeOptions;

/** How a machine does tasks; no two need to have these in common. */
export const workOptions = { workers: landscapeOptions.workers, ...cacheOptions };

/** What tasks of a landscape have in common, besides the run. */
export const landscapeTaskOptions = lineAndPoints;

const {
  out: _curvatureOut,
  workers: _threads,
  cache: _shards,
  cacheSize: _shardsSize,
  alongPath: _path,
  resume: _continued,
  force: _replaced,
  ...passesAndBatches
} = curvatureOptions;

/** What tasks of a curvature have in common, besides the run. */
export const curvatureTaskOptions = passesAndBatches;

/** The options of a job, besides those of its plan. `out` names what the tasks' results will be joined to. */
export const JOB_OPTIONS = {
  generate: {
    ...generateTaskOptions,
    out: optional(text, "Folder of the dataset or landscape that the tasks are for"),
  },
  verify: {},
  landscape: {
    ...landscapeTaskOptions,
    out: optional(text, "Folder of the landscape that the tasks are for"),
    batches: landscapeOptions.batches,
  },
  evaluate: {
    dataset: optional(text, "Folder of the dataset", "where the run says it was"),
    batchSize: landscapeOptions.batchSize,
  },
  curvature: {
    ...curvatureTaskOptions,
    out: optional(text, "Folder of the curvature that the tasks are for"),
  },
};
