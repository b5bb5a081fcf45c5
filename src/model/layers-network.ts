import { dispose, tensor } from "@tensorflow/tfjs-core";
import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { reasonOf, usageError } from "../common/errors.js";
import { buildLayers, layersOf } from "./build-layers.js";
import { checkLayers, outputShapesOf } from "./check-layers.js";
import { isPlainDense, modelToNetwork, networkToModel } from "./layers-model.js";
import { countWeights, isDense } from "./network.js";
import type { LayersNetwork, LayersWeight, Network } from "./types.js";

/** A named array of weights, as a weights manifest describes it. */
export type NamedWeight = Pick<LayersWeight, "name" | "shape" | "values">;

/**
 * A model from its description and its weights, in any order.
 *
 * @param source names the model in errors
 * @throws a usage error where TensorFlow.js cannot create it, the weights do not fit it, or vadi does not
 *   train it
 */
export async function layersNetwork(
  topology: Record<string, unknown>,
  weights: readonly NamedWeight[],
  source: string,
): Promise<LayersNetwork> {
  const numbers = weights.reduce((sum, { values }) => sum + values.length, 0);
  const model = await buildLayers(topology, numbers, source);
  const tensors: NamedTensorMap = {};
  try {
    checkLayers(model, topology, source);
    for (const { name, shape, values } of weights) {
      if (Object.hasOwn(tensors, name)) {
        throw usageError(`${source} has two weights named ${name}.`);
      }
      tensors[name] = tensor(values.slice(), shape);
    }
    try {
      model.loadWeights(tensors, true);
    } catch (error) {
      throw usageError(`${source}: layers and weights do not fit each other: ${reasonOf(error)}`);
    }
    return await describe(model);
  } finally {
    dispose(tensors);
    model.dispose();
  }
}

/**
 * A tfjs model as plain data: dense layers where it is a chain of them that vadi trains itself, else
 * the topology and weights. The model is not changed.
 *
 * @throws a usage error where vadi does not train it
 */
export async function networkOf(model: LayersModel): Promise<Network> {
  if (isPlainDense(topologyOf(model))) return modelToNetwork(model);
  const { topology, weights } = await describe(model);
  // Created again from its description, as it would be from a file.
  return layersNetwork(topology, weights, `The model ${model.name}`);
}

/** A network as a tfjs model on the current backend. The caller disposes of it. */
export async function toLayersModel(network: Network): Promise<LayersModel> {
  if (isDense(network)) return networkToModel(network);
  const model = await buildLayers(network.topology, countWeights(network), "The model");
  const tensors = network.weights.map(({ values, shape }) => tensor(values.slice(), shape));
  model.setWeights(tensors);
  dispose(tensors);
  return model;
}

function topologyOf(model: LayersModel): Record<string, unknown> {
  return model.toJSON(undefined, false) as Record<string, unknown>;
}

async function describe(model: LayersModel): Promise<LayersNetwork> {
  const trained = model.trainableWeights.length;
  const weights = await Promise.all(
    model.weights.map(async (weight, index): Promise<LayersWeight> => {
      const values = await weight.read().data<"float32">();
      return {
        name: weight.originalName,
        shape: weight.shape.map((length) => length ?? 0),
        trainable: index < trained,
        values: Float32Array.from(values),
      };
    }),
  );
  const widths = layersOf(model)
    .filter((layer) => layer.weights.length > 0)
    .flatMap((layer) => outputShapesOf(layer)[0]?.at(-1) ?? []);
  const features = model.inputs[0]?.shape[1] ?? 0;
  // The last layer may have no weights of its own.
  if (widths.at(-1) !== 1) widths.push(1);
  return { features, widths: [features, ...widths], topology: topologyOf(model), weights };
}
