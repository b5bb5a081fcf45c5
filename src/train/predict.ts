import type { OnProgress } from "../common/progress.js";
import { throwIfAborted, usageError } from "../common/errors.js";
import { breather } from "../common/pause.js";
import { openReference, type BatchOptions, type Dataset } from "../stream/index.js";
import { chooseBackend } from "./backend.js";
import { createPredictor } from "./forward.js";
import type { Predictor } from "./forward.js";
import { measurePredictions, type Evaluation } from "./measure.js";
import { openRun } from "./run-folder.js";
import type { BackendName, Run } from "./types.js";

/** How a run's model is used. */
export interface PredictOptions {
  /** Default `auto`. */
  backend?: BackendName;
  /** Rows that pass at once. Default: the run's batch size. */
  batchSize?: number;
  /** Bytes of read-ahead. Default 256 MiB. */
  memory?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** A run's model, ready for rows. */
interface Ready {
  predictor: Predictor;
  /** How rows are streamed to it: in file order, standardised as the training's were. */
  batches: BatchOptions;
  /** From the model's predictions to the target's units. */
  scaling: { mean: number; scale: number };
}

async function ready(run: Run, dataset: Dataset, options: PredictOptions): Promise<Ready> {
  const { record, dir } = run;
  if (dataset.features !== record.dataset.features) {
    throw usageError(
      `The model of ${dir} takes ${record.dataset.features} features, but ${dataset.path} has ${dataset.features}; choose them with --features.`,
    );
  }
  throwIfAborted(options.signal);
  await chooseBackend(options.backend ?? "auto");
  const network = await run.weights();
  const { standardize } = record;
  return {
    predictor: await createPredictor(network),
    batches: {
      batchSize: options.batchSize ?? record.options.batchSize,
      shuffle: "none",
      ...(options.memory === undefined ? {} : { memory: options.memory }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      // The target stays in its own units: it is what predictions are compared with.
      ...(standardize === null ? {} : { standardize: { ...standardize, target: null } }),
    },
    scaling: standardize?.target ?? { mean: 0, scale: 1 },
  };
}

/**
 * The mean squared error and R² of a run's model on all rows of a dataset, in one streamed pass, in
 * the target's units: where the run standardised its rows, so are these, by the same numbers.
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
  const rows = dataset ?? (await openReference(opened.record.dataset));
  const { predictor, batches, scaling } = await ready(opened, rows, options);
  try {
    const loader = rows.batches({ ...batches, recycle: true });
    return await measurePredictions(predictor, loader, scaling, (done) =>
      options.onProgress?.({ phase: "evaluating", done, total: rows.rows, unit: "rows" }),
    );
  } finally {
    predictor.dispose();
  }
}

/**
 * Predictions of a run's model in the target's units, an array for each batch of the dataset's rows
 * in file order, with the run's standardisation applied.
 *
 * @yields one number a row of a batch
 */
export async function* predict(
  run: Run | string,
  dataset: Dataset,
  options: PredictOptions = {},
): AsyncGenerator<Float32Array, void, void> {
  const opened = typeof run === "string" ? await openRun(run) : run;
  const { predictor, batches, scaling } = await ready(opened, dataset, options);
  const breathe = breather(options.signal);
  let done = 0;
  try {
    for await (const { x, rows } of dataset.batches({ ...batches, recycle: true })) {
      const values = await predictor.predict(x, rows);
      yield values.map((value) => value * scaling.scale + scaling.mean);
      done += rows;
      options.onProgress?.({ phase: "predicting", done, total: dataset.rows, unit: "rows" });
      await breathe();
    }
  } finally {
    predictor.dispose();
  }
}
