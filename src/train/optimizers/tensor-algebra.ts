import { add, div, minimum, mul, sqrt, sub, sum } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Algebra } from "./algebra.js";

/** The algebra of tensors on the current backend. Call it within tidy: every result is a new tensor. */
export const tensorAlgebra: Algebra<Tensor> = {
  add: (a, b) => add(a, b),
  multiply: (a, b) => mul(a, b),
  divide: (a, b) => div(a, b),
  subtract: (a, b) => sub(a, b),
  minimum: (a, b) => minimum(a, b),
  squareRoot: (a) => sqrt(a),
  sum: (a) => sum(a),
};
