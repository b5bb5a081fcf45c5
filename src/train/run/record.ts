import { z } from "zod";
import { optionFlag, shellWord } from "../../common/command-line.js";
import { originSchema } from "../../stream/index.js";
import { isStepOptimizer, OPTIMIZER_DEFAULTS, STEP_OPTIMIZERS } from "../optimizers/index.js";
import type { Settings } from "../options/options.js";
import { SCHEDULES } from "../options/schedule.js";
import type { OptimizerName, RunRecord, TrainOptions } from "../options/types.js";

/** The file that makes a folder a run. */
export const RECORD_FILE = "run.json";

const count = z.number().int().nonnegative();
const width = z.number().int().positive();

const scaling = z.object({ name: z.string(), mean: z.number(), scale: z.number() });

/** Checks the form of a run.json. */
export const recordSchema: z.ZodType<RunRecord> = z.object({
  formatVersion: z.literal(1),
  status: z.enum(["running", "done", "stopped", "diverged"]),
  options: z.object({
    model: z.string(),
    optimizer: z.enum([...STEP_OPTIMIZERS, "gradient-descent", "closed-form"]),
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
    // Runs of earlier versions lack what follows; the defaults are what they did.
    bias: z.boolean().default(false),
    activation: z.enum(["linear", "relu", "tanh", "sigmoid"]).default("relu"),
    momentum: z.number().default(OPTIMIZER_DEFAULTS.momentum),
    alpha: z.number().default(OPTIMIZER_DEFAULTS.alpha),
    beta1: z.number().default(OPTIMIZER_DEFAULTS.beta1),
    beta2: z.number().default(OPTIMIZER_DEFAULTS.beta2),
    epsilon: z.number().default(OPTIMIZER_DEFAULTS.epsilon),
    weightDecay: z.number().default(0),
    schedule: z.enum(SCHEDULES).default("constant"),
    warmup: count.default(0),
    stepSize: width.default(1),
    gamma: z.number().default(0.1),
    clipNorm: z.number().nullable().default(null),
    standardize: z.boolean().default(false),
    validation: z.number().default(0),
    patience: width.nullable().default(null),
    checkpointEvery: z.string().default("30s"),
    keep: width.default(3),
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
  engine: z.string().default("tensor"),
  standardize: z
    .object({ features: z.array(scaling), target: scaling.nullable() })
    .nullable()
    .default(null),
  threads: width,
  versions: z.object({ vadi: z.string(), tfjs: z.string(), node: z.string() }),
  command: z.string(),
  warnings: z.array(z.string()).exactOptional(),
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
      bias: z.number().exactOptional(),
      validation: z
        .object({
          losses: z.array(z.number()),
          loss: z.number(),
          epoch: count,
          rows: count,
          stoppedEarly: z.boolean(),
        })
        .exactOptional(),
      folding: z.object({ largest: z.number(), spread: z.number(), rows: count }).exactOptional(),
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
  const minibatches = isStepOptimizer(options.optimizer);
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
  for (const name of PARAMETERS[options.optimizer] ?? []) {
    add(optionFlag(name).slice(2), options[name], options[name] !== OPTIMIZER_DEFAULTS[name]);
  }
  add("bias", "true", options.bias && options.init !== GIVEN);
  add("activation", options.activation, options.activation !== "relu");
  add("weight-decay", options.weightDecay, options.weightDecay !== 0);
  add("schedule", options.schedule, options.schedule !== "constant");
  add("step-size", options.stepSize, options.schedule === "step");
  add("gamma", options.gamma, options.schedule === "step");
  add("warmup", options.warmup, options.warmup !== 0);
  add("clip-norm", options.clipNorm ?? 0, options.clipNorm !== null);
  add("standardize", "true", options.standardize);
  add("validation", options.validation, options.validation !== 0);
  add("patience", options.patience ?? 0, options.patience !== null);
  add("backend", backend);
  add("memory", options.memory, given.memory !== undefined);
  add("log-every", options.logEvery, given.logEvery !== undefined);
  add("scratch", given.scratch ?? "", given.scratch !== undefined);
  return words.map(shellWord).join(" ");
}

/** The options as run.json has them. */
export function optionsOf(
  settings: Settings,
  { model, init }: Pick<RunRecord["options"], "model" | "init">,
): RunRecord["options"] {
  const {
    out: _out,
    scratch: _scratch,
    backend: _backend,
    force: _force,
    resume: _resume,
    otherBackend: _otherBackend,
    steps: _steps,
    stepsPerEpoch: _stepsPerEpoch,
    checkpointInterval: _interval,
    standardization: _standardization,
    ...options
  } = settings;
  return { ...options, model, init };
}

/** What `options.init` says where the model came with its weights. */
export const GIVEN = "given";

/** The parameters that each optimiser's equations name. */
export const PARAMETERS: Readonly<
  Partial<Record<OptimizerName, readonly ("momentum" | "alpha" | "beta1" | "beta2" | "epsilon")[]>>
> = {
  momentum: ["momentum"],
  nesterov: ["momentum"],
  rmsprop: ["alpha", "epsilon"],
  adam: ["beta1", "beta2", "epsilon"],
};
