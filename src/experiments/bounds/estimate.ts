import { hasStandardizedTarget, linearModel, lossUnits } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import { initialNetwork, parseInit } from "../../model/index.js";
import { learningRateAt, type Run, type RunRecord } from "../../train/index.js";
import { largestDifference, noiseOf, trueWeightsOf } from "./numbers.js";
import {
  descentBound,
  leastSquaresBound,
  type DescentStep,
  type LinearProblem,
} from "./weight-bound.js";

/** The weights of a linear run, in the units of the dataset, and its loss, for results.json. */
export interface Estimate {
  estimatedWeights: number[];
  /** Only if the model has a bias or the training standardised its rows. The true one is 0. */
  estimatedBias?: number;
  trueWeights: number[];
  weightUnits: string;
  /** max |ŵ − w|, or |bias| if that is larger. */
  largestError: number;
  /** An upper bound of `largestError`; null if none is known. */
  errorBound: number | null;
  /** Why there is no bound. */
  noErrorBound?: string;
  finalLoss: number | null;
  lossUnits: string;
}

/** Compares the weights ŵ of a linear run with the true w. */
export function estimateOf(run: Run, dataset: Dataset): Estimate {
  const { record } = run;
  const { weights, bias } = trainedModel(run);
  const truth = trueWeightsOf(dataset);
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

/** The final weights of a linear run, in the units of the dataset. */
export function trainedModel({ record }: Run): { weights: number[]; bias?: number } {
  const model = linearModel(record);
  if (model === undefined) throw new Error("The linear run has no weights.");
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

/** Why there is no bound for a run; undefined if there is one. */
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
  // Factors from weights of standardised rows to weights of the dataset's rows; that of a bias is the last.
  const units = trueWeightsOf(dataset).map(
    (_, at) => target / (standardize?.features[at]?.scale ?? 1),
  );
  const truth = trueWeightsOf(dataset).map((weight, at) => weight / units[at]!);
  // Standardising subtracts the means, which estimates an intercept as a bias does.
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

/** The initial weights of a linear run. An intercept that is not trained starts at 0. */
function startOf({ options, layers }: RunRecord, parameters: number): number[] {
  const { init, seed, activation, bias } = options;
  const [layer] = initialNetwork(layers, parseInit(init), seed, { activation, bias });
  const values = [...(layer?.weights ?? []), ...(layer?.bias ?? [])];
  return Array.from({ length: parameters }, (_, at) => values[at] ?? 0);
}

/**
 * The steps that a run took.
 *
 * @param rows that it was trained on
 * @yields each step, in order
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
