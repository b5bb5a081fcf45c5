import type { EngineKind, EngineSpec } from "../engine.js";
import { createTensorEngine } from "../tensor-engine.js";
import type { DenseNetwork } from "../types.js";
import { nativeGradients } from "./gradients.js";
import { graphGradients } from "./graph-gradients.js";
import { nodeOperations } from "./operations.js";

function isDense({ model, gradients }: EngineSpec): boolean {
  return model.kind === "dense" && gradients === "explicit";
}

function networkOf({ model }: EngineSpec): DenseNetwork {
  if (model.kind !== "dense") throw new Error("TensorFlow's kernels take dense networks only.");
  return model.network;
}

/**
 * Steps in TensorFlow's own kernels, those of the gradients in one graph: networks of several dense
 * layers and every optimiser, on tfjs-node. Nothing is read back unless the loss is wanted. (A single
 * layer has too few kernels for a graph to pay; on a GPU its results would come back to the CPU after
 * every batch.)
 */
export const graphEngine: EngineKind = {
  name: "graph",
  takes: (spec, backend) => isDense(spec) && networkOf(spec).length > 1 && backend === "tfjs-node",
  create: async (spec) =>
    createTensorEngine(spec, "graph", graphGradients(networkOf(spec)), nodeOperations()),
};

/** The same, one kernel after the other, on tfjs-node and tfjs-node-gpu. */
export const nativeEngine: EngineKind = {
  name: "native",
  takes: (spec, backend) => isDense(spec) && backend.startsWith("tfjs-node"),
  create: async (spec) =>
    createTensorEngine(spec, "native", nativeGradients(networkOf(spec)), nodeOperations()),
};
