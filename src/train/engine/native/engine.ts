import { availableParallelism } from "node:os";
import type { StartOptions } from "../../../backend/index.js";
import type { EngineKind, EngineSpec } from "../types.js";
import { createTensorEngine, stepsByGradients } from "../tensor-engine.js";
import type { DenseLayer, DenseNetwork } from "../../../model/index.js";
import { partsOf } from "./batch-parts.js";
import { nativeGradients } from "./gradients.js";
import { nodeOperations } from "./operations.js";
import { graphSteps } from "./step-source.js";

function isDense({ model, gradients }: EngineSpec): boolean {
  return model.kind === "dense" && gradients === "explicit";
}

function networkOf({ model }: EngineSpec): DenseNetwork {
  if (model.kind !== "dense") throw new Error("TensorFlow's kernels take dense networks only.");
  return model.network;
}

/**
 * Whole steps in one graph of TensorFlow's own kernels: networks of several dense layers and every
 * optimiser, on tfjs-node. Nothing is read back unless the loss is wanted. (A single layer has too few
 * kernels for a graph to pay; on a GPU its results would come back to the CPU after every batch.)
 */
export const graphEngine: EngineKind = {
  name: "graph",
  takes: (spec, backend) => isDense(spec) && networkOf(spec).length > 1 && backend === "tfjs-node",
  create: async (spec) =>
    createTensorEngine(spec, "graph", graphSteps({ ...spec, network: networkOf(spec) })),
};

/** Products of one layer's batch up to which a thread has them sooner than several. */
const FEW_PRODUCTS = 2 ** 20;

/**
 * How TensorFlow is to be started for an engine: with operations that keep to a thread where a graph has
 * a part of every batch for each core, and where there is one small layer. Threads within operations
 * would only wait for each other.
 */
export function startOptionsFor(spec: EngineSpec, batchRows: number): StartOptions {
  if (!isDense(spec)) return {};
  const [{ inputs, outputs }, ...others] = networkOf(spec) as [DenseLayer, ...DenseLayer[]];
  const isNarrow =
    others.length === 0
      ? batchRows * inputs * outputs <= FEW_PRODUCTS
      : partsOf(batchRows) >= availableParallelism();
  return isNarrow ? { operationThreads: 1 } : {};
}

/** The same kernels one after the other, on tfjs-node and tfjs-node-gpu. */
export const nativeEngine: EngineKind = {
  name: "native",
  takes: (spec, backend) => isDense(spec) && backend.startsWith("tfjs-node"),
  create: async (spec) =>
    createTensorEngine(
      spec,
      "native",
      stepsByGradients(spec, nativeGradients(networkOf(spec)), nodeOperations()),
    ),
};
