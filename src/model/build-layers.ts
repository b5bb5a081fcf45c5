import { initializers, layers, LayersModel, models } from "@tensorflow/tfjs-layers";
import { reasonOf, usageError, VadiError } from "../common/errors.js";
import { checkGraph, checkNames } from "./topology/index.js";

type Layer = LayersModel["layers"][number];

/** A model's layers, including those of models within it. */
export function layersOf(model: LayersModel): Layer[] {
  return model.layers.flatMap((layer) =>
    layer instanceof LayersModel ? layersOf(layer) : [layer],
  );
}

/**
 * Creates the model that a topology describes, with weights of zero, on the current backend. The
 * topology may come from a stranger: only classes that TensorFlow.js has registered are created, and
 * no more weights than the model's files hold, whatever sizes the topology names.
 *
 * @param topology a model's topology in the form of `model.json`; it is not changed
 * @param weights how many numbers the model's weights have
 * @param source names the model in the error, for instance its file
 * @throws a usage error where TensorFlow.js cannot create the model
 */
export async function buildLayers(
  topology: Record<string, unknown>,
  weights: number,
  source: string,
): Promise<LayersModel> {
  try {
    checkNames(topology, source);
    checkGraph(topology, source);
    const restore = limitWeights(weights, source);
    let created: Promise<LayersModel>;
    try {
      // A copy, since TensorFlow.js changes the description. All layers exist when this returns.
      created = models.modelFromJSON(structuredClone(topology) as never);
    } finally {
      restore();
    }
    return await created;
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw usageError(
      `${source} describes no model that TensorFlow.js can make: ${reasonOf(error)}`,
    );
  }
}

/**
 * Gives every new layer weights of zero, which takes no random numbers, and throws once the layers have
 * more than `most` weights. It replaces `addWeight`, the only method of TensorFlow.js in which sizes can
 * be checked before memory is allocated.
 *
 * @returns a function that restores `addWeight`
 */
function limitWeights(most: number, source: string): () => void {
  const prototype: object = layers.Layer.prototype;
  const original: unknown = Reflect.get(prototype, "addWeight");
  if (typeof original !== "function") throw new Error("tfjs's layers have no addWeight any more.");
  const zeros = initializers.zeros();
  let left = most;
  function addWeight(this: unknown, ...given: unknown[]): unknown {
    const [name, shape, dtype, , regularizer, trainable, constraint] = given;
    const lengths = (shape as (number | null)[]).map((length) => length ?? Number.NaN);
    const size = lengths.reduce((product, length) => product * length, 1);
    left -= size;
    // Written so that NaN is caught as well.
    if (!(size >= 0 && left >= 0)) {
      throw usageError(
        `${source} describes layers with more weights than it has (${String(name)} would be ${(shape as unknown[]).map((length) => (typeof length === "number" ? length : "?")).join(" × ")} numbers).`,
      );
    }
    return Reflect.apply(original as () => unknown, this, [
      name,
      shape,
      dtype,
      zeros,
      regularizer,
      trainable,
      constraint,
    ]);
  }
  Reflect.set(prototype, "addWeight", addWeight);
  return () => Reflect.set(prototype, "addWeight", original);
}
