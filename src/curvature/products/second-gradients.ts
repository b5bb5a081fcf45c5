import {
  add,
  Elu,
  Exp,
  exp,
  getGradient,
  LogSoftmax,
  mul,
  neg,
  Pow,
  registerGradient,
  relu,
  scalar,
  Sigmoid,
  sigmoid,
  softmax,
  Softmax,
  square,
  step,
  sub,
  sum,
  Tanh,
  tanh,
  unregisterGradient,
} from "@tensorflow/tfjs-core";
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core";

/*
 * TensorFlow.js keeps the output of some operations for their derivative, and leaves out that the output depends on
 * the input when it derives once more: second derivatives through sigmoid, tanh, exp and softmax are wrong, and elu has
 * none. These gradients compute the output again from the input.
 */

/** What `gradFunc` is given for one input. */
type Pull = (dy: Tensor, input: Tensor, attributes: Record<string, unknown>) => Tensor;

function ofOne(kernelName: string, name: string, pull: Pull): GradConfig {
  return {
    kernelName,
    inputsToSave: [name],
    gradFunc: (dy, [input], attributes) => ({
      [name]: () => pull(dy as Tensor, input!, attributes as Record<string, unknown>),
    }),
  };
}

const GRADIENTS: readonly GradConfig[] = [
  ofOne(Sigmoid, "x", (dy, x) => {
    const y = sigmoid(x);
    return mul(dy, mul(y, sub(scalar(1), y)));
  }),
  ofOne(Tanh, "x", (dy, x) => mul(dy, sub(scalar(1), square(tanh(x))))),
  ofOne(Exp, "x", (dy, x) => mul(dy, exp(x))),
  ofOne(Elu, "x", (dy, x) => {
    // 1 above 0 and exp(x) below. A comparison would have no derivative, not even 0.
    const above = step(x);
    const below = mul(sub(scalar(1), above), exp(neg(relu(neg(x)))));
    return mul(dy, add(above, below));
  }),
  ofOne(Softmax, "logits", (dy, logits, { dim }) => {
    const y = softmax(logits, dim as number);
    const along = mul(dy, y);
    return sub(along, mul(sum(along, dim as number, true), y));
  }),
  ofOne(LogSoftmax, "logits", (dy, logits, { axis }) => {
    const y = softmax(logits, axis as number);
    return sub(dy, mul(sum(dy, axis as number, true), y));
  }),
  {
    kernelName: Pow,
    gradFunc() {
      throw new Error("gradient function not found for Pow");
    },
  },
];

/** Runs something whose second derivatives are right, where TensorFlow.js's own would be wrong. */
export function withSecondGradients<Result>(run: () => Result): Result {
  const before = GRADIENTS.map(({ kernelName }) => getGradient(kernelName));
  for (const gradient of GRADIENTS) registerGradient(gradient);
  try {
    return run();
  } finally {
    for (const [at, { kernelName }] of GRADIENTS.entries()) {
      unregisterGradient(kernelName);
      const own = before[at];
      if (own !== undefined) registerGradient(own);
    }
  }
}
