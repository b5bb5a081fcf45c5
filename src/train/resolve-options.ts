import path from "node:path";
import { usageError } from "../common/errors.js";
import { fillOptions, type FilledOptions, type Options } from "../common/options/options.js";
import { parseInit } from "../model/index.js";
import type { BatchOptions, Dataset, Standardization } from "../stream/index.js";
import { isRemote } from "../storage/index.js";
import { isStepOptimizer, STEP_OPTIMIZERS } from "./optimizers/index.js";
import { optimizerOptions } from "./optimizers/options.js";
import { runOptions, trainingOptions } from "./options.js";
import type { RecordedOptions, TrainOptions } from "./types.js";
import { outputPath } from "../files/output-path.js";

/** The most lines of history that a run has, unless `logEvery` says otherwise. */
const HISTORY_LINES = 2000;

/** The closed form keeps three D × D matrices of float64, 400 MB at this many features. */
const CLOSED_FORM_FEATURES = 4096;

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** Options that have been checked, with the defaults filled in. */
export type TrainingSettings = Omit<RecordedOptions, "model"> &
  FilledOptions<typeof runOptions> & {
    /** Optimisation steps that the training takes. */
    steps: number;
    stepsPerEpoch: number;
    checkpointInterval: CheckpointInterval;
    /** What the rows are standardised with; found by a pass over them. */
    standardization: Standardization | null;
  };

/** Time or steps between two checkpoints. */
export type CheckpointInterval = { seconds: number } | { steps: number };

/**
 * Checks training options against a dataset and fills in the defaults. What an optimiser does not
 * use (the shuffle of `gradient-descent`, say) is set to what it does.
 *
 * @throws a usage error that names the option
 */
export function trainingSettings(
  dataset: Pick<Dataset, "rows" | "features" | "path">,
  options: TrainOptions,
): TrainingSettings {
  const { model: _model, ...given } = options;
  const { model: _name, ...filled } = fillOptions(trainingOptions, given);
  const run = fillOptions(runOptions, options);
  parseInit(filled.init);
  checkCombination(dataset, filled);
  const minibatches = isStepOptimizer(filled.optimizer);
  // The closed form is one pass, however many epochs are asked for.
  const epochs = filled.optimizer === "closed-form" ? Math.min(1, filled.epochs) : filled.epochs;
  const stepsPerEpoch = minibatches ? batchesPerEpoch(dataset.rows, filled) : 1;
  const steps = epochs * stepsPerEpoch;
  return {
    ...filled,
    epochs,
    shuffle: minibatches ? (options.shuffle ?? defaultShuffle(dataset)) : "none",
    stepSize: filled.stepSize ?? Math.max(1, Math.ceil(epochs / 3)),
    // The first and the last step are logged as well.
    logEvery: filled.logEvery ?? Math.max(1, Math.ceil(steps / (HISTORY_LINES - 2))),
    ...run,
    out: outputPath(run.out),
    scratch: run.scratch === null ? null : path.resolve(run.scratch),
    checkpointInterval: parseInterval(filled.checkpointEvery),
    standardization: null,
    steps,
    stepsPerEpoch,
  };
}

/** What belongs to some optimisers, or to a schedule. */
const { learningRate, stepSize, gamma } = trainingOptions;
const OF_A_METHOD: Options = { learningRate, stepSize, gamma, ...optimizerOptions };

/** A warning of options that were given, differ from their defaults, and have no effect. */
export function unusedWarnings(
  given: Readonly<Record<string, unknown>>,
  { optimizer, schedule }: Pick<TrainingSettings, "optimizer" | "schedule">,
): string[] {
  const unused = Object.entries(OF_A_METHOD).flatMap(([name, { default: usual, appliesTo }]) => {
    const value = given[name] ?? usual;
    return value === usual || appliesTo?.({ optimizer, schedule }) !== false ? [] : [name];
  });
  if (unused.length === 0) return [];
  const what = unused.length === 1 ? "The option" : "The options";
  const have = unused.length === 1 ? "has" : "have";
  return [
    `${what} ${unused.join(" and ")} ${have} no effect with optimizer ${optimizer} and schedule ${schedule}.`,
  ];
}

/** From a store, `buffer`: `window` reads from all shards at once, which need not fit the cache. */
export function defaultShuffle({ path: folder }: Pick<Dataset, "path">): "window" | "buffer" {
  return isRemote(folder) ? "buffer" : trainingOptions.shuffle.default;
}

function batchesPerEpoch(
  rows: number,
  { batchSize, dropLast }: Pick<TrainingSettings, "batchSize" | "dropLast">,
): number {
  const batches = rows / batchSize;
  return dropLast ? Math.floor(batches) : Math.ceil(batches);
}

/** Refuses options that contradict each other or the dataset. */
function checkCombination(
  dataset: Pick<Dataset, "rows" | "features" | "path">,
  options: Omit<RecordedOptions, "model" | "stepSize" | "logEvery">,
): void {
  const { optimizer, batchSize, dropLast, ridge, validation, patience } = options;
  if (isStepOptimizer(optimizer)) {
    if (dropLast && batchSize > dataset.rows) {
      throw usageError(
        (option) =>
          `${option("dropLast")} leaves no batch: the dataset has ${dataset.rows} rows, and ${option("batchSize")} is ${batchSize}.`,
      );
    }
  } else {
    const { clipNorm, weightDecay } = options;
    const wrong = Object.entries({ dropLast, clipNorm, weightDecay, validation }).find(
      ([, value]) => value !== null && value !== false && value !== 0,
    );
    if (wrong !== undefined) {
      throw usageError(
        (option) =>
          `${option(wrong[0])} does not go with ${optimizer}; choose one of ${STEP_OPTIMIZERS.join(", ")}.`,
      );
    }
  }
  if (optimizer === "closed-form" && dataset.features > CLOSED_FORM_FEATURES) {
    throw usageError(
      (option) =>
        `${option("optimizer")} closed-form takes at most ${CLOSED_FORM_FEATURES} features, since XᵀX grows with their square; ${dataset.path} has ${dataset.features}: choose another ${option("optimizer")}.`,
    );
  }
  if (ridge > 0 && optimizer !== "closed-form") {
    throw usageError(
      (option) =>
        `${option("ridge")} goes with ${option("optimizer")} closed-form only, not with ${optimizer}.`,
    );
  }
  if (patience !== null && validation === 0) {
    throw usageError(
      (option) =>
        `${option("patience")} needs rows to measure: give ${option("validation")} 0.1, for instance.`,
    );
  }
}

/** Reads `30s`, `5min`, `2h` or `1000steps`. */
export function parseInterval(text: string): CheckpointInterval {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(s|min|h|steps?)$/.exec(text) ?? [];
  const value = Number(number);
  const isSteps = unit.startsWith("step");
  if (!(value > 0) || (isSteps && !Number.isInteger(value))) {
    throw usageError(
      (option) =>
        `${option("checkpointEvery")} must be a time or a number of steps, for instance 30s or 1000steps, not ${text}.`,
    );
  }
  return isSteps ? { steps: value } : { seconds: value * (SECONDS[unit] ?? 1) };
}

/** How rows are streamed to the steps. */
export function batchOptionsOf(
  settings: TrainingSettings,
  signal: AbortSignal | undefined,
): BatchOptions {
  const {
    batchSize,
    shuffle,
    bufferShards,
    seed,
    epochs,
    dropLast,
    memory,
    scratch,
    standardization,
  } = settings;
  return {
    batchSize,
    shuffle,
    bufferShards,
    seed,
    epochs,
    dropLast,
    memory,
    recycle: true,
    ...(scratch === null ? {} : { scratch }),
    ...(standardization === null ? {} : { standardize: standardization }),
    ...(signal === undefined ? {} : { signal }),
  };
}
