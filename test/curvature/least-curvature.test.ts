import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import { assert, test } from "../helpers/test.js";
import { leastCurvature } from "../../src/curvature/least-curvature.js";
import { normOf } from "../../src/landscape/directions/weights.js";
import { addGradient, inFloat64 } from "../../src/landscape/exact/network.js";
import type { Float64Network } from "../../src/landscape/exact/network.js";
import { addHessianProduct } from "./hessian.js";
import type { DenseLayer, DenseNetwork } from "../../src/model/index.js";
import { normals, numbers } from "../landscape/numbers.js";

const rows = 40;

function given(
  widths: number[],
  activations: DenseLayer["activation"][],
  seed: number,
  bias = true,
): { network: DenseNetwork; batch: { x: Float32Array; y: Float32Array; rows: number } } {
  const next = normals(seed);
  const network = widths.slice(1).map((outputs, index) => ({
    inputs: widths[index]!,
    outputs,
    activation: activations[index]!,
    weights: numbers(next, widths[index]! * outputs, 0.6),
    ...(bias ? { bias: numbers(next, outputs, 0.3) } : {}),
  }));
  const batch = { x: numbers(next, rows * widths[0]!), y: numbers(next, rows), rows };
  return { network, batch };
}

/** The numbers of a float64 network, layer by layer. */
const partsOf = (network: Float64Network): Float64Array[] =>
  network.flatMap(({ weights, bias }) => (bias === undefined ? [weights] : [weights, bias]));

function moved(network: Float64Network, direction: Float64Network, by: number): Float64Network {
  return network.map((layer, index) => {
    const along = direction[index]!;
    return {
      ...layer,
      weights: layer.weights.map((value, at) => value + by * along.weights[at]!),
      ...(layer.bias && { bias: layer.bias.map((value, at) => value + by * along.bias![at]!) }),
    };
  });
}

const zeros = (network: Float64Network): Float64Array[] =>
  partsOf(network).map(({ length }) => new Float64Array(length));

for (const activations of [
  ["tanh", "sigmoid", "linear"],
  ["sigmoid", "tanh", "tanh"],
  ["relu", "relu", "linear"],
] satisfies DenseLayer["activation"][][]) {
  test(`${activations.join(", ")}: the Hessian's product is the gradient's difference quotient`, () => {
    const { network, batch } = given([4, 5, 3, 1], activations, 11);
    const exact = inFloat64(network);
    const direction = inFloat64(given([4, 5, 3, 1], activations, 12).network);
    const product = zeros(exact);
    addHessianProduct(exact, direction, batch, 0, 15, product);
    addHessianProduct(exact, direction, batch, 15, rows, product);
    // A step so small that no unit of this network switches on it.
    const step = 1e-6;
    const [up, down] = [zeros(exact), zeros(exact)];
    addGradient(moved(exact, direction, step), batch, 0, rows, up);
    addGradient(moved(exact, direction, -step), batch, 0, rows, down);
    for (const [part, values] of product.entries()) {
      for (const [at, value] of values.entries()) {
        const expected = (up[part]![at]! - down[part]![at]!) / (2 * step);
        assert.ok(
          Math.abs(value - expected) < 1e-6 * (10 + Math.abs(expected)),
          `${part}, ${at}: ${value}, ${expected}`,
        );
      }
    }
  });
}

test("the least eigenvalue is that of the whole matrix", async () => {
  const { network, batch } = given([3, 4, 2, 1], ["tanh", "tanh", "linear"], 5);
  const exact = inFloat64(network);
  const size = partsOf(exact).reduce((sum, { length }) => sum + length, 0);
  const hessian = Matrix.zeros(size, size);
  for (let column = 0; column < size; column++) {
    const direction = moved(exact, exact, -1);
    let at = column;
    for (const part of partsOf(direction)) {
      if (at >= 0 && at < part.length) part[at] = 1;
      at -= part.length;
    }
    const product = zeros(exact);
    addHessianProduct(exact, direction, batch, 0, rows, product);
    const values = product.flatMap((part) => [...part]);
    for (const [row, value] of values.entries()) hessian.set(row, column, value / rows);
  }
  const eigen = new EigenvalueDecomposition(hessian).realEigenvalues.toSorted((a, b) => a - b);
  const found = await leastCurvature(network, batch, 42);
  assert.ok(eigen[0]! < -0.01, "this Hessian has a negative eigenvalue");
  assert.ok(Math.abs(found.eigenvalue - eigen[0]!) <= found.residual + 1e-12);
  assert.ok(Math.abs(found.eigenvalue - eigen[0]!) < 1e-4 * Math.abs(eigen[0]!));
  assert.ok(Math.abs(found.largest - eigen.at(-1)!) < 1e-3 * eigen.at(-1)!);
  assert.ok(Math.abs(normOf(found.direction) - 1) < 1e-6);
  assert.ok(found.steps <= size + 1);
  assert.is(found.converged, true);
});

test("the linear model's Hessian is 2XᵀX/n", async () => {
  const { network, batch } = given([3, 1], ["linear"], 7, false);
  const x = new Matrix(
    Array.from({ length: rows }, (_, row) => [...batch.x.subarray(row * 3, row * 3 + 3)]),
  );
  const hessian = x
    .transpose()
    .mmul(x)
    .mul(2 / rows);
  const eigen = new EigenvalueDecomposition(hessian).realEigenvalues.toSorted((a, b) => a - b);
  const found = await leastCurvature(network, batch, 42);
  assert.ok(Math.abs(found.eigenvalue - eigen[0]!) < 1e-9);
  assert.ok(Math.abs(found.largest - eigen[2]!) < 1e-9);
});

test("a badly conditioned linear model of 150 weights: it goes on until it has converged", async () => {
  const [count, many] = [150, 300];
  const next = normals(9);
  // The features' deviations fall from 1 to 10⁻⁴, the eigenvalues of XᵀX by their squares.
  const x = Float32Array.from(
    { length: many * count },
    (_, at) => next() * 10 ** ((-4 * (at % count)) / (count - 1)),
  );
  const batch = { x, y: numbers(next, many), rows: many };
  const weights = numbers(next, count);
  const network: DenseNetwork = [{ inputs: count, outputs: 1, activation: "linear", weights }];
  const table = Array.from({ length: many }, (_, row) => [
    ...x.subarray(row * count, (row + 1) * count),
  ]);
  const { diagonal } = new SingularValueDecomposition(new Matrix(table));
  const [least, largest] = [diagonal.at(-1)!, diagonal[0]!].map((value) => (2 * value ** 2) / many);
  assert.ok(least! < 1e-7 * largest!);
  const found = await leastCurvature(network, batch, 42);
  assert.is(found.converged, true);
  assert.ok(Math.abs(found.eigenvalue / least! - 1) < 1e-3, `${found.eigenvalue}, ${least}`);
  assert.ok(Math.abs(found.largest / largest! - 1) < 1e-9);
  const short = await leastCurvature(network, batch, 42, undefined, { products: 61 });
  assert.is(short.converged, false);
  assert.is(short.steps, 61);
  assert.ok(short.eigenvalue > 2 * least!, "60 steps do not suffice");
});

test("weights that are too large for a Hessian are a failure that says so", async () => {
  const { network, batch } = given([3, 4, 1], ["relu", "linear"], 5);
  network[0]!.weights.fill(NaN);
  let caught: unknown;
  await leastCurvature(network, batch, 42).catch((error) => (caught = error));
  assert.match(String(caught), "not finite numbers");
});

test("it ends as soon as its signal is aborted", async () => {
  const { network, batch } = given([3, 4, 1], ["tanh", "linear"], 5);
  const controller = new AbortController();
  controller.abort();
  let caught: unknown;
  await leastCurvature(network, batch, 42, controller.signal).catch((error) => (caught = error));
  assert.match(String(caught), /interrupt/i);
});

test.run();
