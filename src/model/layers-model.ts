import { dispose } from "@tensorflow/tfjs-core";
import { z } from "zod/mini";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { usageError } from "../common/errors.js";
import { ACTIVATIONS, isActivation } from "./activation.js";
import { uploadParameters } from "./gradients.js";
import type { Activation, DenseNetwork } from "./types.js";

/**
 * A network as a tfjs model on the current backend, which must have been chosen (`chooseBackend`). The
 * caller disposes of the model. Its layers are named hidden_1, hidden_2, …, prediction.
 */
export function networkToModel(network: DenseNetwork): LayersModel {
  const model = sequential({ name: "vadi" });
  for (const [index, layer] of network.entries()) {
    const dense = layers.dense({
      name: index === network.length - 1 ? "prediction" : `hidden_${index + 1}`,
      units: layer.outputs,
      activation: layer.activation,
      useBias: layer.bias !== undefined,
      // The weights are set below, so random initial ones would only take time.
      kernelInitializer: "zeros",
      ...(index === 0 ? { inputShape: [layer.inputs] } : {}),
    });
    model.add(dense);
    const parameters = uploadParameters([layer]);
    dense.setWeights(parameters);
    dispose(parameters);
  }
  return model;
}

/**
 * The dense layers of a tfjs model with their weights. The model is not changed.
 *
 * @throws a usage error that names the layer, where the model is not a chain of dense layers
 *   that ends in one prediction
 */
export function modelToNetwork(model: LayersModel): DenseNetwork {
  const network: DenseNetwork = [];
  let before: unknown;
  for (const layer of model.layers) {
    const [node] = layer.inboundNodes;
    const chained =
      layer.inboundNodes.length === 1 &&
      (before === undefined ||
        (node?.inboundLayers.length === 1 && node.inboundLayers[0] === before));
    if (!chained) throw unfit(layer.name, "does not simply follow the layer before it");
    before = layer;
    const kind = layer.getClassName();
    if (kind === "InputLayer") continue;
    if (kind !== "Dense") throw unfit(layer.name, `is of type ${kind}`);
    const config = layer.getConfig();
    const [kernel, bias] = layer.getWeights();
    const [inputs = 0, outputs = 0] = kernel?.shape ?? [];
    network.push({
      inputs,
      outputs,
      activation: checkActivation(layer.name, config["activation"]),
      weights: Float32Array.from(kernel?.dataSync() ?? []),
      ...(bias !== undefined && { bias: Float32Array.from(bias.dataSync()) }),
    });
  }
  checkNetwork(network);
  return network;
}

const plainLayerSchema = z.union([
  z.object({ class_name: z.literal("InputLayer") }),
  z.object({
    class_name: z.literal("Dense"),
    config: z.object({
      batch_input_shape: z.nullish(z.array(z.unknown()).check(z.length(2))),
      activation: z.unknown().check(z.refine((name) => isActivation(name ?? "linear"))),
      trainable: z.nullish(z.literal(true)),
      // These change training, and `DenseLayer` has no fields for them.
      kernel_regularizer: z.optional(z.null()),
      bias_regularizer: z.optional(z.null()),
      activity_regularizer: z.optional(z.null()),
      kernel_constraint: z.optional(z.null()),
      bias_constraint: z.optional(z.null()),
    }),
  }),
]);

const plainSchema = z.object({
  class_name: z.literal("Sequential"),
  config: z.union([
    z.array(plainLayerSchema),
    z.object({ layers: z.array(plainLayerSchema), trainable: z.nullish(z.literal(true)) }),
  ]),
});

/** Whether a topology is a chain of dense layers that vadi's own kernels can train. */
export function isPlainDense(topology: unknown): boolean {
  return plainSchema.safeParse(topology).success;
}

/** Reads an activation's name; throws a usage error for one that vadi does not train. */
export function checkActivation(layer: string, activation: unknown): Activation {
  const name = activation ?? "linear";
  if (isActivation(name)) return name;
  throw unfit(layer, `has the activation ${String(name)}`);
}

/** Checks that the layers fit together and end in one prediction. */
export function checkNetwork(network: DenseNetwork): void {
  const last = network.at(-1);
  if (last === undefined) throw usageError("The model has no dense layer.");
  if (last.outputs !== 1) {
    throw usageError(
      `The model makes ${last.outputs} predictions for each row; use one that makes 1.`,
    );
  }
  for (const [index, layer] of network.entries()) {
    const next = network[index + 1];
    if (next !== undefined && next.inputs !== layer.outputs) {
      throw usageError(
        `The model's dense layer ${index + 2} takes ${next.inputs} inputs, but the one before it makes ${layer.outputs}.`,
      );
    }
  }
}

/** The error for a layer that vadi cannot train. */
export function unfit(layer: string, why: string): Error {
  return usageError(
    `The model's layer ${layer} ${why}; vadi trains chains of dense layers with the activations ${ACTIVATIONS.join(", ")}.`,
  );
}
