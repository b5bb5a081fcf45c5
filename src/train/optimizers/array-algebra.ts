import type { Algebra } from "./algebra.js";

/** The algebra of plain arrays, for the fused engine. */
export const arrayAlgebra: Algebra<Float32Array> = {
  add: (a, b) => elementwise(a, b, (left, right) => left + right),
  multiply: (a, b) => elementwise(a, b, (left, right) => left * right),
  divide: (a, b) => elementwise(a, b, (left, right) => left / right),
  subtract: (a, b) => elementwise(a, b, (left, right) => left - right),
  minimum: (a, b) => elementwise(a, b, Math.min),
  squareRoot: (a) => a.map(Math.sqrt),
  sum: (a) => Float32Array.of(a.reduce((total, value) => total + value, 0)),
};

/** Storing into a Float32Array rounds each result to float32, like a backend's arithmetic. */
function elementwise(
  a: Float32Array | number,
  b: Float32Array | number,
  operation: (left: number, right: number) => number,
): Float32Array {
  const left = operandOf(a);
  const right = operandOf(b);
  const result = new Float32Array(Math.max(left.length, right.length));
  // A single number is combined with every element of the other operand.
  const leftStride = left.length === 1 ? 0 : 1;
  const rightStride = right.length === 1 ? 0 : 1;
  for (let at = 0; at < result.length; at++) {
    result[at] = operation(left[at * leftStride]!, right[at * rightStride]!);
  }
  return result;
}

function operandOf(value: Float32Array | number): Float32Array {
  return typeof value === "number" ? Float32Array.of(value) : value;
}
