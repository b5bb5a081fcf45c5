import { createPredictor, type Network } from "../../model/index.js";
import type { BatchOptions, Dataset, Standardization } from "../../stream/index.js";
import type { PredictionSample } from "../types.js";

/** Predictions that are kept, at most, and from how many places of the dataset they are taken. */
const ROWS = 2000;
const PLACES = 10;

/**
 * Some targets and what a network predicts for them, in the target's units: of all rows if they are few, otherwise of
 * batches that are evenly spaced in the file order.
 *
 * @param standardization of the rows that the network takes, and of the target
 */
export async function samplePredictions(
  network: Network,
  dataset: Dataset,
  standardization: Standardization | null,
): Promise<PredictionSample> {
  const { mean, scale } = standardization?.target ?? { mean: 0, scale: 1 };
  const isWhole = dataset.rows <= ROWS;
  const options: BatchOptions = {
    batchSize: isWhole ? ROWS : ROWS / PLACES,
    // One batch is read of each place.
    memory: 1,
    ...(standardization !== null && { standardize: standardization }),
  };
  const predictor = await createPredictor(network);
  const sample: PredictionSample = { target: [], prediction: [] };
  try {
    for (let place = 0; place < (isWhole ? 1 : PLACES); place++) {
      const loader = dataset.batches(options);
      const first = Math.floor((place * Math.floor(dataset.rows / options.batchSize)) / PLACES);
      for await (const { x, y, rows } of loader.skip(first).take(1)) {
        const outputs = await predictor.predict(x, rows);
        for (let row = 0; row < rows; row++) {
          sample.target.push(y[row]! * scale + mean);
          sample.prediction.push(outputs[row]! * scale + mean);
        }
      }
    }
  } finally {
    predictor.dispose();
  }
  return sample;
}
