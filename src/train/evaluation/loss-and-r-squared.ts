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

/** Sums over some rows, from which the quality of predictions follows. */
export interface ErrorSums {
  rows: number;
  /** Of squared errors. */
  squares: number;
  /** Of absolute errors. */
  absolute: number;
  /** The target's mean. */
  mean: number;
  /** Of the target's squared deviations from its mean. */
  deviations: number;
}

const NOTHING: ErrorSums = { rows: 0, squares: 0, absolute: 0, mean: 0, deviations: 0 };

/**
 * The sums over two sets of rows. The target's deviations are merged (Chan, Golub and LeVeque 1983), which loses no
 * digits where its mean is large.
 */
function addErrorSums(one: ErrorSums, other: ErrorSums): ErrorSums {
  const rows = one.rows + other.rows;
  if (rows === 0) return one;
  const difference = other.mean - one.mean;
  return {
    rows,
    squares: one.squares + other.squares,
    absolute: one.absolute + other.absolute,
    mean: one.mean + (difference * other.rows) / rows,
    deviations:
      one.deviations + (other.deviations + (difference ** 2 * one.rows * other.rows) / rows),
  };
}

/** The quality of predictions, from the sums of all batches, which are added in their order. */
export function evaluationOf(batches: readonly ErrorSums[]): Evaluation {
  return qualityOf(batches.reduce(addErrorSums, NOTHING));
}

function qualityOf({ rows, squares, absolute, deviations }: ErrorSums): Evaluation {
  return {
    rows,
    loss: squares / rows,
    rSquared: deviations > 0 ? 1 - squares / deviations : null,
    meanAbsoluteError: absolute / rows,
  };
}

/**
 * Sums of a model's errors over each batch, in one pass over the rows, in float64.
 *
 * @param scaling predictions are multiplied by its scale, then its mean is added
 * @yields the sums of a batch
 */
export async function* batchErrors(
  predictor: Predictor,
  loader: AsyncIterable<EvaluationRows>,
  scaling: { mean: number; scale: number } = { mean: 0, scale: 1 },
): AsyncGenerator<ErrorSums, void, void> {
  const pause = createPause();
  for await (const { x, y, rows } of loader) {
    const predictions = await predictor.predict(x, rows);
    let [squares, absolute, sum, deviations] = [0, 0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const error = predictions[row]! * scaling.scale + scaling.mean - y[row]!;
      squares += error * error;
      absolute += Math.abs(error);
      sum += y[row]!;
    }
    const mean = sum / rows;
    for (let row = 0; row < rows; row++) deviations += (y[row]! - mean) ** 2;
    yield { rows, squares, absolute, mean, deviations };
    await pause();
  }
}

/**
 * The mean squared error, R² and mean absolute error of a model, in one pass over the rows; as `batchErrors`.
 *
 * @param onRows called with the number of rows measured so far
 */
export async function measurePredictions(
  predictor: Predictor,
  loader: AsyncIterable<EvaluationRows>,
  scaling?: { mean: number; scale: number },
  onRows?: (rows: number) => void,
): Promise<Evaluation> {
  let sums = NOTHING;
  for await (const batch of batchErrors(predictor, loader, scaling)) {
    sums = addErrorSums(sums, batch);
    onRows?.(sums.rows);
  }
  return qualityOf(sums);
}
