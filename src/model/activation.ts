import { mul, relu, sigmoid, square, step, sub, tanh } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Activation } from "./types.js";

/** A dense layer's activation in tensor operations, and its derivative from what it gave. */
export interface ActivationRule {
  apply(values: Tensor2D): Tensor2D;
  /** The loss's gradient before the activation, from that after it and the activation's outputs. */
  backward(delta: Tensor2D, outputs: Tensor2D): Tensor2D;
}

/** The activations of dense layers that vadi differentiates itself. */
export const ACTIVATIONS: Readonly<Record<Activation, ActivationRule>> = {
  linear: { apply: (values) => values, backward: (delta) => delta },
  relu: {
    apply: (values) => relu(values),
    // A multiplication with `step` is fast where comparisons and casts are slow (WebAssembly).
    backward: (delta, outputs) => mul(delta, step(outputs)),
  },
  tanh: {
    apply: (values) => tanh(values),
    backward: (delta, outputs) => mul(delta, sub(1, square(outputs))),
  },
  sigmoid: {
    apply: (values) => sigmoid(values),
    backward: (delta, outputs) => mul(delta, mul(outputs, sub(1, outputs))),
  },
};

/** Whether a name is that of such an activation. */
export function isActivation(name: unknown): name is Activation {
  return typeof name === "string" && Object.hasOwn(ACTIVATIONS, name);
}
