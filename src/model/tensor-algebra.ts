import {
  add,
  matMul,
  mul,
  relu,
  sigmoid,
  square,
  step,
  sub,
  sum,
  tanh,
  transpose,
} from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { NetworkAlgebra } from "./backpropagation.js";
import type { Activation } from "./types.js";

/**
 * Networks in tensors of the current backend. Call it within tidy: every result is a new tensor. It
 * avoids what is slow on the WebAssembly backend: matMul's transposing flags (a transpose of its own
 * is several times faster), comparisons and casts.
 */
export const tensorNetworkAlgebra: NetworkAlgebra<Tensor> = {
  subtract: (a, b) => sub(a, b),
  scale: (a, b) => mul(a, b),
  product: (a, b) => matMul(a, b),
  // The WebAssembly backend first packs the right matrix of a product, so the narrower one goes there.
  transposedProduct: (a, b) =>
    a.shape[1]! >= b.shape[1]! ? matMul(transpose(a), b) : transpose(matMul(transpose(b), a)),
  productTransposed: (a, b) => matMul(a, transpose(b)),
  addBias: (values, bias) => add(values, bias),
  sumRows: (values) => sum(values, 0),
  activate: (activation, values) => ACTIVATIONS[activation].apply(values),
  activationGradient: (activation, delta, outputs) =>
    ACTIVATIONS[activation].gradient(delta, outputs),
};

const ACTIVATIONS: Readonly<
  Record<
    Activation,
    { apply(values: Tensor): Tensor; gradient(delta: Tensor, outputs: Tensor): Tensor }
  >
> = {
  linear: { apply: (values) => values, gradient: (delta) => delta },
  relu: {
    apply: (values) => relu(values),
    gradient: (delta, outputs) => mul(delta, step(outputs)),
  },
  tanh: {
    apply: (values) => tanh(values),
    gradient: (delta, outputs) => mul(delta, sub(1, square(outputs))),
  },
  sigmoid: {
    apply: (values) => sigmoid(values),
    gradient: (delta, outputs) => mul(delta, mul(outputs, sub(1, outputs))),
  },
};
