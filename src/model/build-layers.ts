import { serialization } from "@tensorflow/tfjs-core";
import { initializers, layers, LayersModel, models } from "@tensorflow/tfjs-layers";
import { messageOf, usageError, VadiError } from "../common/errors.js";

type Layer = LayersModel["layers"][number];

/** A model's layers, those of models within it in their place. */
export function layersOf(model: LayersModel): Layer[] {
  return model.layers.flatMap((layer) =>
    layer instanceof LayersModel ? layersOf(layer) : [layer],
  );
}

/** A layer, or whatever else has a type and a configuration, in a topology. */
export interface DescribedLayer {
  className: string;
  config: Record<string, unknown>;
}

/** Everything in a topology that has a `class_name`, layers within layers too. */
export function describedLayers(value: unknown): DescribedLayer[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(describedLayers);
  const { class_name: className, config } = value as Record<string, unknown>;
  if (typeof className !== "string") return below;
  return [{ className, config: isRecord(config) ? config : {} }, ...below];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Makes the model that a topology describes, its weights all zero, on the current backend. Only
 * classes that TensorFlow.js has registered are made, and no more weights than the topology is
 * supposed to have, whatever sizes it names: it may come from a stranger.
 *
 * @param topology a model's topology in the form of `model.json`; it stays as it is
 * @param weights how many numbers the model's weights have
 * @param source what the error calls the model, for instance its file
 * @throws a usage error where TensorFlow.js does not make a model of it
 */
export async function buildLayers(
  topology: Record<string, unknown>,
  weights: number,
  source: string,
): Promise<LayersModel> {
  try {
    checkNames(topology, source);
    const restore = limitWeights(weights, source);
    let making: Promise<LayersModel>;
    try {
      // A copy, since making a model changes its description. All of it is made before this returns.
      making = models.modelFromJSON(structuredClone(topology) as never);
    } finally {
      restore();
    }
    return await making;
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw usageError(
      `${source} describes no model that TensorFlow.js can make: ${messageOf(error).split("\n")[0]}`,
    );
  }
}

function checkNames(topology: Record<string, unknown>, source: string): void {
  const known = serialization.SerializationMap.getMap().classNameMap;
  const other = describedLayers(topology).find(({ className }) => !Object.hasOwn(known, className));
  if (other !== undefined) {
    throw usageError(
      `${source} has a layer or part of type ${other.className}, which TensorFlow.js does not have.`,
    );
  }
  refuseReserved(topology, source);
}

/** Refuses names that would lead into JavaScript's own objects where TensorFlow.js looks names up. */
function refuseReserved(value: unknown, source: string): void {
  if (typeof value === "string" && value in Object.prototype) {
    throw usageError(`${source} uses the name ${value}, which cannot be one of a model.`);
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, below] of Object.entries(value)) {
    refuseReserved(key, source);
    refuseReserved(below, source);
  }
}

/**
 * Makes every layer that is built start with weights of zero, which costs no random numbers, and no
 * more of them than there should be. TensorFlow.js has no other place at which sizes can be checked
 * before memory is taken.
 *
 * @returns ends the limit
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
    // Written so that lengths that are no numbers are caught as well.
    if (!(size >= 0 && left >= 0)) {
      throw usageError(
        `${source} describes layers with more weights than it has (${String(name)} would be ${lengths.join(" × ")} numbers).`,
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
