import { z } from "zod";
import { shellWord } from "../common/command-line.js";
import { originSchema } from "../stream/index.js";
import type { RunRecord, TrainOptions } from "./types.js";

/** The file that makes a folder a run. */
export const RECORD_FILE = "run.json";

const count = z.number().int().nonnegative();
const width = z.number().int().positive();

/** Checks the form of a run.json. */
export const recordSchema: z.ZodType<RunRecord> = z.object({
  formatVersion: z.literal(1),
  status: z.enum(["running", "done", "stopped", "diverged"]),
  options: z.object({
    model: z.string(),
    optimizer: z.enum(["sgd", "gradient-descent", "closed-form"]),
    learningRate: z.number(),
    batchSize: width,
    epochs: count,
    dropLast: z.boolean(),
    shuffle: z.enum(["none", "shards", "window", "global"]),
    memory: width,
    seed: count,
    init: z.string(),
    gradients: z.enum(["explicit", "autodiff"]),
    ridge: z.number().nonnegative(),
    logEvery: width,
  }),
  layers: z.array(width).min(2),
  parameters: width,
  dataset: z.object({
    path: z.string(),
    fingerprint: z.string(),
    origin: originSchema.exactOptional(),
    kind: z.string(),
    rows: width,
    features: width,
  }),
  backend: z.string(),
  threads: width,
  versions: z.object({ vadi: z.string(), tfjs: z.string(), node: z.string() }),
  command: z.string(),
  result: z
    .object({
      steps: count,
      epochs: count,
      rows: count,
      loss: z.number().nullable(),
      seconds: z.number(),
      rowsPerSecond: z.number(),
      waitedForData: z.number(),
      weights: z.array(z.number()).exactOptional(),
    })
    .nullable(),
});

/**
 * The command line that makes the same run again. Options that change only how fast it goes are
 * left out, unless they were given.
 */
export function commandOf(
  record: Pick<RunRecord, "options" | "dataset" | "backend">,
  out: string,
  given: TrainOptions,
): string {
  const { options, dataset, backend } = record;
  const minibatches = options.optimizer === "sgd";
  const iterative = options.optimizer !== "closed-form";
  const words = ["vadi", "train", dataset.path, "--out", out, "--model", options.model];
  function add(name: string, value: string | number, wanted = true): void {
    if (wanted) words.push(`--${name}`, String(value));
  }
  add("optimizer", options.optimizer);
  add("learning-rate", options.learningRate, iterative);
  add("batch-size", options.batchSize);
  add("epochs", options.epochs);
  add("drop-last", "true", options.dropLast);
  add("shuffle", options.shuffle, minibatches);
  add("seed", options.seed);
  add("init", options.init, options.init !== GIVEN);
  add("gradients", options.gradients, options.gradients !== "explicit");
  add("ridge", options.ridge, options.ridge !== 0);
  add("backend", backend);
  add("memory", options.memory, given.memory !== undefined);
  add("log-every", options.logEvery, given.logEvery !== undefined);
  add("scratch", given.scratch ?? "", given.scratch !== undefined);
  return words.map(shellWord).join(" ");
}

/** What `options.init` says where the model came with its weights. */
export const GIVEN = "given";
