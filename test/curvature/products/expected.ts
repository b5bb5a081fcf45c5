import { addGradient, inFloat64 } from "../../../src/landscape/exact/network.js";
import type { DenseLayer, DenseNetwork } from "../../../src/model/index.js";
import { assert } from "../../helpers/test.js";
import { normals, numbers } from "../../landscape/numbers.js";
import { addHessianProduct } from "../hessian.js";

/*
 * Networks, rows and vectors of tests, and the products of their Hessians in plain float64.
 */

export type Activations = DenseLayer["activation"][];

export function given(widths: number[], activations: Activations, bias: boolean, rows: number) {
  const next = normals(11);
  const network: DenseNetwork = widths.slice(1).map((outputs, index) => ({
    inputs: widths[index]!,
    outputs,
    activation: activations[index]!,
    weights: numbers(next, widths[index]! * outputs, 0.6),
    ...(bias ? { bias: numbers(next, outputs, 0.3) } : {}),
  }));
  const batch = { x: numbers(next, rows * widths[0]!), y: numbers(next, rows), rows };
  const size = parts(network).reduce((sum, { length }) => sum + length, 0);
  const vector = (): Float64Array => Float64Array.from({ length: size }, () => next());
  return { network, batch, vector };
}

export const parts = (network: DenseNetwork): Float32Array[] =>
  network.flatMap(({ weights, bias }) => (bias === undefined ? [weights] : [weights, bias]));

/** The vector as the numbers of a network, in float64. */
function shaped(network: DenseNetwork, vector: Float64Array) {
  let at = 0;
  const take = (length: number): Float64Array => vector.subarray(at, (at += length));
  return inFloat64(network).map(({ bias, ...layer }) => {
    const weights = take(layer.weights.length);
    return { ...layer, weights, ...(bias && { bias: take(bias.length) }) };
  });
}

/** The product by differentiating backpropagation row by row, in plain float64. */
export function expectedProduct(
  network: DenseNetwork,
  vector: Float64Array,
  batch: { x: Float32Array; y: Float32Array; rows: number },
): Float64Array {
  const sums = parts(network).map(({ length }) => new Float64Array(length));
  addHessianProduct(inFloat64(network), shaped(network, vector), batch, 0, batch.rows, sums);
  return Float64Array.from(
    sums.flatMap((part) => [...part]),
    (value) => value / batch.rows,
  );
}

/** (2/n)Σ∇f(∇f·v): the gradients of the predictions are those of squared errors of ½. */
export function gaussNewton(
  network: DenseNetwork,
  vector: Float64Array,
  batch: { x: Float32Array; y: Float32Array; rows: number },
): Float64Array {
  const exact = inFloat64(network);
  const sum = new Float64Array(vector.length);
  for (let row = 0; row < batch.rows; row++) {
    const [up, down] = [0, 1].map((target) => {
      const found = parts(network).map(({ length }) => new Float64Array(length));
      const y = Float32Array.of(target);
      const features = network[0]!.inputs;
      const x = batch.x.subarray(row * features, (row + 1) * features);
      addGradient(exact, { x, y }, 0, 1, found);
      return found.flatMap((part) => [...part]);
    });
    const slope = up!.map((value, at) => (value - down![at]!) / 2);
    const along = slope.reduce((total, value, at) => total + value * vector[at]!, 0);
    for (const [at, value] of slope.entries()) sum[at]! += (2 * along * value) / batch.rows;
  }
  return sum;
}

export function close(found: Float64Array, expected: Float64Array, within: number): void {
  const scale = Math.max(...expected.map(Math.abs));
  assert.is(found.length, expected.length);
  for (const [at, value] of found.entries()) {
    assert.ok(
      Math.abs(value - expected[at]!) <= within * scale,
      `${at}: ${value}, ${expected[at]}`,
    );
  }
}
