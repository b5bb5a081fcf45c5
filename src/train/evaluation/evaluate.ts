import type { OnProgress } from "../../common/progress.js";
import { failure, throwIfAborted, usageError } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import {
  openReference,
  type CacheOptions,
  standardizedFeatures,
  type BatchOptions,
  type Dataset,
} from "../../stream/index.js";
import { chooseBackend } from "../../backend/index.js";
import { evaluationRows, type EvaluationRows } from "./evaluation-rows.js";
import { createPredictor } from "../../model/index.js";
import type { Predictor } from "../../model/index.js";
import {
  batchErrors,
  measurePredictions,
  type ErrorSums,
  type Evaluation,
} from "./loss-and-r-squared.js";
import { openRun } from "../run/open-run.js";
import type { BackendName } from "../../backend/index.js";
import type { Run } from "../types.js";

/** Options of evaluation and prediction. */
export interface PredictOptions extends CacheOptions {
  /** Default `auto`. */
  backend?: BackendName;
  /** Rows to predict at once. Default: the run's batch size. */
  batchSize?: number;
  /** Bytes of read-ahead. Default 256 MiB. */
  memory?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** A run's model on the current backend. The caller disposes of it. */
export interface RunPredictor {
  /** Options for streaming rows to it: file order, features standardised as in training. */
  batches: BatchOptions;
  /** From the network's output to the target's units: output × scale + mean, in float64. */
  scaling: { mean: number; scale: number };
  network: Predictor;
  /**
   * Standardises features in float64 and rounds them to float32, for the network.
   *
   * @param x rows × D, row-major, in the source's units
   */
  standardized(x: Float64Array): Float32Array;
  /**
   * Predictions in the target's units.
   *
   * @param x rows × D, standardised
   */
  predict(x: Float32Array, rows: number): Promise<Float64Array>;
  dispose(): void;
}

/**
 * Opens a run's model for a dataset's rows.
 *
 * @throws a usage error where the dataset has another number of features
 */
export async function openPredictor(
  given: Run | string,
  dataset: Dataset,
  options: PredictOptions,
): Promise<RunPredictor> {
  const run = typeof given === "string" ? await openRun(given) : given;
  const { record, dir } = run;
  if (dataset.features !== record.dataset.features) {
    throw usageError(
      (option) =>
        `The model of ${dir} takes ${record.dataset.features} features, but ${dataset.path} has ${dataset.features}; choose them with ${option("features")}.`,
    );
  }
  throwIfAborted(options.signal);
  await chooseBackend(options.backend ?? "auto");
  const network = await createPredictor(await run.weights());
  const { standardize } = record;
  const scaling = standardize?.target ?? { mean: 0, scale: 1 };
  return {
    network,
    scaling,
    batches: {
      batchSize: options.batchSize ?? record.options.batchSize,
      shuffle: "none",
      ...(options.memory === undefined ? {} : { memory: options.memory }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      // Predictions are compared with the target in its own units.
      ...(standardize === null ? {} : { standardize: { ...standardize, target: null } }),
    },
    standardized: (x) =>
      standardize === null ? new Float32Array(x) : standardizedFeatures(x, standardize.features),
    predict: async (x, rows) =>
      Float64Array.from(
        await network.predict(x, rows),
        (output) => output * scaling.scale + scaling.mean,
      ),
    dispose: () => network.dispose(),
  };
}

/**
 * The mean squared error, R² and mean absolute error of a run's model on all rows of a dataset, in one streamed pass, in
 * the target's units and in float64. If the run standardised its rows, these are standardised alike.
 *
 * @param dataset default: the run's own, validation rows included
 * @throws a failure where the run or its dataset cannot be opened; a usage error where the dataset
 *   has other features
 */
export async function evaluate(
  run: Run | string,
  dataset?: Dataset,
  options: PredictOptions = {},
): Promise<Evaluation> {
  const opened = typeof run === "string" ? await openRun(run) : run;
  const rows = dataset ?? (await openReference(opened.record.dataset, undefined, options));
  const model = await openPredictor(opened, rows, options);
  try {
    return await measurePredictions(
      model.network,
      evaluationRows(rows, model.batches),
      model.scaling,
      (done) => options.onProgress?.({ phase: "evaluating", done, total: rows.rows, unit: "rows" }),
    );
  } finally {
    model.dispose();
  }
}

/**
 * Sums of a run's errors over each of some batches, from which `evaluationOf` computes what `evaluate` does, to the
 * bit.
 *
 * @param options.first the first batch, in file order
 * @param options.count how many batches; the dataset has them
 * @throws as `evaluate`
 */
export async function measureBatches(
  run: Run | string,
  dataset: Dataset,
  options: PredictOptions & { first: number; count: number },
): Promise<ErrorSums[]> {
  const { first, count, onProgress } = options;
  const model = await openPredictor(run, dataset, options);
  const { batchSize } = model.batches;
  const total = Math.min(count * batchSize, dataset.rows - first * batchSize);
  async function* selected(): AsyncGenerator<EvaluationRows, void, void> {
    let read = 0;
    const loader = dataset.batches({ ...model.batches, recycle: true }).skip(first);
    for await (const batch of loader) {
      yield batch;
      if (++read === count) return;
    }
    if (read < count) throw failure(`${dataset.path} ended before batch ${first + count - 1}.`);
  }
  try {
    const sums: ErrorSums[] = [];
    let done = 0;
    for await (const batch of batchErrors(model.network, selected(), model.scaling)) {
      sums.push(batch);
      done += batch.rows;
      onProgress?.({ phase: "evaluating", done, total, unit: "rows" });
    }
    return sums;
  } finally {
    model.dispose();
  }
}

/**
 * Predictions of a run's model in the target's units, an array for each batch of the dataset's rows
 * in file order, with the run's standardisation applied. They are computed in float64 and yielded as
 * Float32Array, with about seven digits. For a target whose mean is large compared with its spread,
 * `float64: true` yields Float64Array.
 *
 * @yields one number for each row of a batch
 */
export function predict(
  run: Run | string,
  dataset: Dataset,
  options: PredictOptions & { float64: true },
): AsyncGenerator<Float64Array, void, void>;
export function predict(
  run: Run | string,
  dataset: Dataset,
  options?: PredictOptions,
): AsyncGenerator<Float32Array, void, void>;
export async function* predict(
  run: Run | string,
  dataset: Dataset,
  options: PredictOptions & { float64?: boolean } = {},
): AsyncGenerator<Float32Array | Float64Array, void, void> {
  const model = await openPredictor(run, dataset, options);
  const pause = createPause(options.signal);
  let done = 0;
  try {
    for await (const { x, rows } of evaluationRows(dataset, model.batches)) {
      const values = await model.predict(x, rows);
      yield options.float64 === true ? values : Float32Array.from(values);
      done += rows;
      options.onProgress?.({ phase: "predicting", done, total: dataset.rows, unit: "rows" });
      await pause();
    }
  } finally {
    model.dispose();
  }
}
