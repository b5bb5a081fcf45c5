import type { PredictionSample, RunRecord } from "../../../train/index.js";

/** How well the trained model predicts, measured on validation rows or on a sample of the training rows. */
export interface Quality {
  rSquared: number | null;
  /** In the target's own units. */
  meanAbsoluteError: number | null;
  rootMeanSquare: number;
  rows: number;
  /** The epoch after which validation rows were measured. */
  epoch: number | undefined;
}

/** The quality of a run's trained weights: on its validation rows, or where there are none on a sample. */
export function qualityOf(record: RunRecord, sample: PredictionSample): Quality {
  const validation = record.result?.validation;
  if (validation === undefined) return qualityOfSample(sample);
  // With patience the weights are those of the best epoch, else of the last.
  const isBest = record.options.patience !== null;
  const epoch = isBest ? validation.epoch : validation.losses.length;
  const measure = validation.measures[epoch - 1] ?? validation;
  const scale = record.standardize?.target?.scale ?? 1;
  const { rSquared, meanAbsoluteError } = measure;
  const rootMeanSquare = Math.sqrt(measure.loss) * scale;
  return { rSquared, meanAbsoluteError, rootMeanSquare, rows: validation.rows, epoch };
}

function qualityOfSample({ target, prediction }: PredictionSample): Quality {
  const rows = target.length;
  const mean = target.reduce((sum, value) => sum + value / rows, 0);
  const deviations = target.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const errors = target.map((value, row) => prediction[row]! - value);
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  return {
    rSquared: deviations > 0 ? 1 - squares / deviations : null,
    meanAbsoluteError: errors.reduce((sum, error) => sum + Math.abs(error), 0) / rows,
    rootMeanSquare: Math.sqrt(squares / rows),
    rows,
    epoch: undefined,
  };
}
