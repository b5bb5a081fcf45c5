import type { LayersModel } from "@tensorflow/tfjs-layers";
import { randomWords, STREAMS } from "../../generate/index.js";
import { dropoutsOf } from "../../model/index.js";

/**
 * Sets a new seed in a model's dropout layers for every step, a function of the run's seed, the step and the
 * layer's index, so that the same training drops the same numbers, resumed or not. TensorFlow.js by itself
 * would use one seed for all steps, or none.
 *
 * @returns a function that sets the seeds for a step, counted from 1
 */
export function seedDropout(model: LayersModel, seed: number): (step: number) => void {
  const dropouts = dropoutsOf(model);
  return (step) => {
    if (dropouts.length === 0) return;
    const words = randomWords(seed, STREAMS.dropout, step, dropouts.length);
    for (const [index, layer] of dropouts.entries()) {
      // The layer reads its seed in every call; 0 would mean no seed.
      Reflect.set(layer, "seed", words[index]! + 1);
    }
  };
}
