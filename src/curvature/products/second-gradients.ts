import {
  Equal,
  Greater,
  greater,
  GreaterEqual,
  Less,
  LessEqual,
  LogicalAnd,
  LogicalNot,
  minimum,
  NotEqual,
  onesLike,
  where,
  zeros,
  Elu,
  Exp,
  exp,
  getGradient,
  LogSoftmax,
  mul,
  Pow,
  registerGradient,
  scalar,
  Sigmoid,
  sigmoid,
  softmax,
  Softmax,
  square,
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
 * none. These gradients compute the output again from the input. Comparisons, of which the derivatives of many activations
 * consist, have no derivative there either.
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

/** The derivative of a comparison is 0, but where it changes. */
function ofComparison(kernelName: string, names: readonly string[]): GradConfig {
  return {
    kernelName,
    inputsToSave: [...names],
    gradFunc: (_, inputs) =>
      Object.fromEntries(names.map((name, at) => [name, () => zeros(inputs[at]!.shape)])),
  };
}

const GRADIENTS: readonly GradConfig[] = [
  ofOne(Sigmoid, "x", (dy, x) => {
    const y = sigmoid(x);
    return mul(dy, mul(y, sub(scalar(1), y)));
  }),
  ofOne(Tanh, "x", (dy, x) => mul(dy, sub(scalar(1), square(tanh(x))))),
  ofOne(Exp, "x", (dy, x) => mul(dy, exp(x))),
  // Of exp no number above 0, which could be too large.
  ofOne(Elu, "x", (dy, x) =>
    mul(dy, where(greater(x, scalar(0)), onesLike(x), exp(minimum(x, scalar(0))))),
  ),
  ofOne(Softmax, "logits", (dy, logits, { dim }) => {
    const y = softmax(logits, dim as number);
    const along = mul(dy, y);
    return sub(along, mul(sum(along, dim as number, true), y));
  }),
  ofOne(LogSoftmax, "logits", (dy, logits, { axis }) => {
    const y = softmax(logits, axis as number);
    return sub(dy, mul(sum(dy, axis as number, true), y));
  }),
  ...[Equal, Greater, GreaterEqual, Less, LessEqual, LogicalAnd, NotEqual].map((name) =>
    ofComparison(name, ["a", "b"]),
  ),
  ofComparison(LogicalNot, ["x"]),
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
