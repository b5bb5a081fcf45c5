import type { EngineKind } from "../engine.js";
import { createTensorEngine } from "../tensor-engine.js";
import { nativeGradients } from "./gradients.js";
import { nodeOperations } from "./operations.js";

/**
 * Steps in TensorFlow's own kernels: dense networks and every optimiser, on tfjs-node and
 * tfjs-node-gpu. Nothing is read back unless the loss is wanted.
 */
export const nativeEngine: EngineKind = {
  name: "native",
  takes: ({ model, gradients }, backend) =>
    model.kind === "dense" && gradients === "explicit" && backend.startsWith("tfjs-node"),
  create: (spec) => {
    if (spec.model.kind !== "dense")
      throw new Error("The native engine takes dense networks only.");
    return Promise.resolve(
      createTensorEngine(spec, "native", nativeGradients(spec.model.network), nodeOperations()),
    );
  },
};
