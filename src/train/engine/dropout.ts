import type { LayersModel } from "@tensorflow/tfjs-layers";
import { randomWords, STREAMS } from "../../generate/index.js";
import { dropoutsOf } from "../../model/index.js";

/**
 * Gives the draws of a model's dropout layers, which TensorFlow.js makes from a fixed seed or from
 * none, a new seed for every step: a function of the run's seed, the step and the layer's place, so
 * that the same training leaves out the same numbers, resumed or not.
 *
 * @returns seeds the draws of a step, counted from 1
 */
export function seedDropout(model: LayersModel, seed: number): (step: number) => void {
  const dropouts = dropoutsOf(model);
  return (step) => {
    if (dropouts.length === 0) return;
    const words = randomWords(seed, STREAMS.dropout, step, dropouts.length);
    for (const [place, layer] of dropouts.entries()) {
      // The layer reads its seed at each call; 0 would mean none.
      Reflect.set(layer, "seed", words[place]! + 1);
    }
  };
}
