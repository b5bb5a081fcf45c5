import { createPause } from "../../common/pause.js";
import type { EvaluationRows } from "./evaluation-rows.js";
import type { Predictor } from "../../model/index.js";

/** The quality of a model's predictions. */
export interface Evaluation {
  rows: number;
  /** Mean squared error. */
  loss: number;
  /** 1 − (sum of squared errors)/(sum of squared deviations of the target from its mean); null for a constant target. */
  rSquared: number | null;
  /** Mean of |prediction − target|. */
  meanAbsoluteError: number;
}

/**
 * The mean squared error, R² and mean absolute error of a model, in one pass over the rows. Sums are float64; the target's
 * deviations are merged batch by batch (Chan, Golub and LeVeque 1983), which loses no digits where its
 * mean is large.
 *
 * @param scaling predictions are multiplied by its scale, then its mean is added
 * @param onRows called with the number of rows measured so far
 */
export async function measurePredictions(
  predictor: Predictor,
  loader: AsyncIterable<EvaluationRows>,
  scaling: { mean: number; scale: number } = { mean: 0, scale: 1 },
  onRows?: (rows: number) => void,
): Promise<Evaluation> {
  const pause = createPause();
  let rows = 0;
  let squares = 0;
  let absolute = 0;
  let mean = 0;
  let deviations = 0;
  for await (const batch of loader) {
    const { x, y } = batch;
    const predictions = await predictor.predict(x, batch.rows);
    let sum = 0;
    for (let row = 0; row < batch.rows; row++) {
      const error = predictions[row]! * scaling.scale + scaling.mean - y[row]!;
      squares += error * error;
      absolute += Math.abs(error);
      sum += y[row]!;
    }
    const batchMean = sum / batch.rows;
    let within = 0;
    for (let row = 0; row < batch.rows; row++) within += (y[row]! - batchMean) ** 2;
    const total = rows + batch.rows;
    deviations += within + ((batchMean - mean) ** 2 * rows * batch.rows) / total;
    mean += ((batchMean - mean) * batch.rows) / total;
    rows = total;
    onRows?.(rows);
    await pause();
  }
  return {
    rows,
    loss: squares / rows,
    rSquared: deviations > 0 ? 1 - squares / deviations : null,
    meanAbsoluteError: absolute / rows,
  };
}
