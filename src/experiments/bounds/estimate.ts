import { hasStandardizedTarget, linearModel, lossUnits } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import { initialNetwork, parseInit } from "../../model/index.js";
import { learningRateAt, type Run, type RunRecord } from "../../train/index.js";
import { largestDifference, noiseOf, trueWeights } from "./numbers.js";
import {
  descentBound,
  leastSquaresBound,
  type DescentStep,
  type LinearProblem,
} from "./weight-bound.js";

/** What results.json says of a linear run's weights, in the units of the dataset, and of its loss. */
export interface Estimate {
  estimatedWeights: number[];
  /** Where the model has one, or the training standardised its rows; the true one is 0. */
  estimatedBias?: number;
  trueWeights: number[];
  weightUnits: string;
  /** max |ŵ − w|, and |bias| where there is one. */
  largestError: number;
  /** What `largestError` does not exceed; null where there is no bound. */
  errorBound: number | null;
  /** Why there is no bound. */
  noErrorBound?: string;
  finalLoss: number | null;
  lossUnits: string;
}

/** ŵ of a linear run beside the true w. */
export function estimateOf(run: Run, dataset: Dataset): Estimate {
  const { record } = run;
  const { weights, bias } = trainedModel(run);
  const truth = trueWeights(dataset);
  return {
    estimatedWeights: weights,
    ...(bias === undefined ? {} : { estimatedBias: bias }),
    trueWeights: truth,
    weightUnits: "target per feature, both as in the dataset",
    largestError: Math.max(largestDifference(weights, truth), Math.abs(bias ?? 0)),
    ...boundOf(record, dataset),
    finalLoss: record.result?.loss ?? null,
    lossUnits: lossUnits(hasStandardizedTarget(record)),
  };
}

/** The weights that a linear run ended with, for rows and targets as the dataset has them. */
export function trainedModel({ record }: Run): { weights: number[]; bias?: number } {
  const model = linearModel(record);
  if (model === undefined) throw new Error("A finished linear run has its weights.");
  const { weights, bias } = model;
  return bias === undefined ? { weights } : { weights, bias };
}

function boundOf(
  record: RunRecord,
  dataset: Dataset,
): Pick<Estimate, "errorBound" | "noErrorBound"> {
  const reason = reasonForNone(record);
  if (reason !== undefined) return { errorBound: null, noErrorBound: reason };
  const bound = errorBound(record, dataset);
  return Number.isFinite(bound)
    ? { errorBound: bound }
    : { errorBound: null, noErrorBound: "too few rows, or too large a learning rate, for a bound" };
}

/** What keeps a run from having a bound that is derived. */
function reasonForNone({ options }: RunRecord): string | undefined {
  const { optimizer, clipNorm, patience } = options;
  if (!["sgd", "gradient-descent", "closed-form"].includes(optimizer))
    return `none is derived for ${optimizer}`;
  if (clipNorm !== null) return "none is derived for clipped gradients";
  if (patience !== null) return "none is derived for the weights of the best epoch";
  return undefined;
}

/** The bound, in the dataset's units. */
function errorBound(record: RunRecord, dataset: Dataset): number {
  const { options, standardize, result } = record;
  const target = standardize?.target?.scale ?? 1;
  // A weight of standardised rows times this is that of the rows themselves; a bias is the last one.
  const units = trueWeights(dataset).map(
    (_, at) => target / (standardize?.features[at]?.scale ?? 1),
  );
  const truth = trueWeights(dataset).map((weight, at) => weight / units[at]!);
  // Subtracting means estimates an intercept, as a bias does.
  if (options.bias || standardize !== null) {
    truth.push(0);
    units.push(target);
  }
  const problem: LinearProblem = {
    rows: dataset.rows - (result?.validation?.rows ?? 0),
    truth,
    noise: noiseOf(dataset) / target,
  };
  if (options.dropLast && options.optimizer === "sgd")
    problem.rows -= problem.rows % options.batchSize;
  const bound =
    options.optimizer === "closed-form"
      ? leastSquaresBound(problem, options.ridge)
      : descentBound(problem, {
          start: startOf(record, truth.length),
          weightDecay: options.weightDecay,
          steps: stepsOf(record, problem.rows),
        });
  return bound * Math.max(...units);
}

/** The weights that a linear run started with; an intercept that is not trained starts at its mean. */
function startOf({ options, layers }: RunRecord, parameters: number): number[] {
  const { init, seed, activation, bias } = options;
  const [layer] = initialNetwork(layers, parseInit(init), seed, { activation, bias });
  const values = [...(layer?.weights ?? []), ...(layer?.bias ?? [])];
  return Array.from({ length: parameters }, (_, at) => values[at] ?? 0);
}

/**
 * The steps of a run on so many rows.
 *
 * @yields each step, from the first to the last that was taken
 */
function* stepsOf({ options, result }: RunRecord, rows: number): Generator<DescentStep> {
  const { optimizer, batchSize, dropLast, epochs } = options;
  const { steps = 0 } = result ?? {};
  const all = optimizer === "gradient-descent" || batchSize >= rows;
  const stepsPerEpoch = all
    ? 1
    : dropLast
      ? Math.floor(rows / batchSize)
      : Math.ceil(rows / batchSize);
  const last = rows % batchSize || batchSize;
  const schedule = { ...options, stepsPerEpoch, steps: epochs * stepsPerEpoch };
  for (let step = 1; step <= steps; step++) {
    yield {
      learningRate: learningRateAt(schedule, step),
      rows: all ? Infinity : step % stepsPerEpoch === 0 ? last : batchSize,
    };
  }
}
