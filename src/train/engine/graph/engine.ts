import { availableParallelism } from "node:os";
import type { StartOptions } from "../../../backend/index.js";
import type { DenseNetwork } from "../../../model/index.js";
import { createTensorEngine } from "../tensor-engine.js";
import type { EngineKind, EngineSpec } from "../types.js";
import { microbatchCount } from "./microbatches.js";
import { graphSteps } from "./step-source.js";

/**
 * A step as one graph of TensorFlow's own operations: dense networks and every optimiser, on tfjs-node.
 * Nothing is read back unless the loss is wanted. On a GPU a graph's results would come back to the
 * CPU after every batch, so there the tensor engine computes the steps.
 */
export const graphEngine: EngineKind = {
  name: "graph",
  takes: (spec, backend) =>
    backend === "tfjs-node" && spec.simd !== "relaxed" && denseNetworkOf(spec) !== undefined,
  async create(spec) {
    const network = denseNetworkOf(spec);
    if (network === undefined) throw new Error("The graph engine takes dense networks only.");
    return createTensorEngine(spec, "graph", graphSteps({ ...spec, network }));
  },
};

/** The network, if it is one that this engine differentiates. */
function denseNetworkOf({ model, gradients }: EngineSpec): DenseNetwork | undefined {
  return model.kind === "dense" && gradients === "explicit" ? model.network : undefined;
}

/** Up to this many products a layer and batch, one thread is faster than several. */
const SINGLE_THREAD_PRODUCTS = 2 ** 20;

/**
 * How many threads a TensorFlow operation should use: one where the batch has a microbatch for every
 * core, and for a single small layer. More threads would only wait for each other.
 */
export function startOptionsFor(spec: EngineSpec, batchRows: number): StartOptions {
  const network = denseNetworkOf(spec);
  if (network === undefined) return {};
  const [{ inputs, outputs }] = network as [DenseNetwork[number]];
  const singleThreaded =
    network.length === 1
      ? batchRows * inputs * outputs <= SINGLE_THREAD_PRODUCTS
      : microbatchCount(batchRows, network.length) >= availableParallelism();
  return singleThreaded ? { operationThreads: 1 } : {};
}
