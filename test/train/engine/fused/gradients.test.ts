import { dispose } from "@tensorflow/tfjs-core";
import { assert, skip, test } from "../../../helpers/test.js";
import { randomNormals, STREAMS } from "../../../../src/generate/index.js";
import { createGradientSums, isFusedNetwork } from "../../../../src/train/engine/fused/index.js";
import type { GradientSums } from "../../../../src/train/engine/fused/index.js";
import type { FusedNetwork } from "../../../../src/train/engine/fused/network.js";
import { download } from "../../../../src/model/gradients.js";
import { initialNetwork } from "../../../../src/model/index.js";
import { chooseBackend } from "../../../../src/backend/index.js";
import { gradientSource } from "../../../../src/train/engine/tensor-engine.js";
import { plainHalves, plainSquares } from "../../../helpers/float64-network.js";

function normals(row: number, count: number): Float32Array {
  return randomNormals(5, STREAMS.features, row, count);
}

function fused(
  widths: number[],
  seed: number,
  bias = false,
  activation: FusedNetwork[number]["activation"] = "relu",
): FusedNetwork {
  const form = { activation, bias };
  const network = initialNetwork(widths, { kind: "uniform" }, seed, form);
  if (!isFusedNetwork(network)) throw new Error("the kernel does not take the network");
  return network;
}

function dataOf(
  features: number,
  rows: number,
): { x: Float32Array; y: Float32Array; rows: number } {
  return { x: normals(0, rows * features), y: normals(1, rows), rows };
}

/** The sums as one list of numbers: squared errors first. */
function numbersOf(sums: GradientSums): number[] {
  return [sums.squares(), ...sums.halves().flatMap((values) => [...values])];
}

function largestOf(values: readonly ArrayLike<number>[]): number {
  return Math.max(...values.flatMap((list) => Array.from(list, Math.abs)));
}

/** The largest difference, in parts of the largest expected number. */
function distance(
  found: readonly ArrayLike<number>[],
  expected: readonly ArrayLike<number>[],
  scale = 1,
): number {
  const differences = expected.map((values, at) =>
    Array.from(values, (value, index) => Math.abs(found[at]![index]! * scale - value)),
  );
  return largestOf(differences) / largestOf(expected);
}

// Widths on either side of what registers hold, features fewer than a vector, a layer without
// activation, rows that leave parts of vectors, tiles and parts empty.
const narrow = fused([3, 5, 1, 1], 3, true);
narrow[1] = { ...narrow[1]!, activation: "linear" };
const networks: Record<string, [FusedNetwork, number]> = {
  linear: [fused([10, 1], 1), 1003],
  "linear with a bias": [fused([4, 1], 1, true), 64],
  "one feature": [fused([1, 1], 1), 7],
  mlp: [fused([10, 40, 20, 1], 2), 1003],
  "mlp with biases": [fused([7, 9, 6, 1], 2, true), 517],
  narrow: [narrow, 1],
  tanh: [fused([6, 13, 8, 1], 5, true, "tanh"), 211],
  sigmoid: [fused([6, 13, 8, 1], 6, false, "sigmoid"), 211],
  deep: [fused([5, 8, 3, 11, 4, 1], 4, true), 333],
};

for (const [name, [network, rows]] of Object.entries(networks)) {
  const data = dataOf(network[0]!.inputs, rows);

  test(`${name}: sums agree with float64`, async () => {
    const sums = createGradientSums(network, 1);
    sums.add(data);
    const exact = plainSquares(network, data.x, data.y, rows);
    assert.ok(Math.abs(sums.squares() - exact) < 1e-6 * exact, `${sums.squares()}, not ${exact}`);
    const expected = plainHalves(network, data.x, data.y, rows);
    const error = distance(sums.halves(), expected);
    assert.ok(error < 1e-6, `off by ${error}`);

    // Rows are added to those before, until the sums are cleared.
    sums.add(data);
    assert.ok(distance(sums.halves(), expected, 0.5) < 1e-6);
    sums.clear();
    sums.add({ ...data, rows: Math.ceil(rows / 3) });
    const part = plainHalves(network, data.x, data.y, Math.ceil(rows / 3));
    assert.ok(distance(sums.halves(), part) < 1e-6, "arrays may be longer than their rows");
    await sums.dispose();
  });

  test(`${name}: gradients agree with finite differences`, async () => {
    const few = Math.min(rows, 40);
    const sums = createGradientSums(network, 1);
    sums.add({ ...data, rows: few });
    const h = 1e-6;
    const differences = network.flatMap((layer, index) => {
      const kinds =
        layer.bias === undefined ? (["weights"] as const) : (["weights", "bias"] as const);
      return kinds.map((kind) =>
        Float64Array.from(layer[kind]!, (value, at) => {
          const lossAt = (changed: number): number => {
            const values = Float64Array.from(layer[kind]!);
            values[at] = changed;
            const moved = network.map((old, place) =>
              place === index ? { ...old, [kind]: values } : old,
            );
            return plainSquares(moved, data.x, data.y, few);
          };
          return (lossAt(value + h) - lossAt(value - h)) / (4 * h);
        }),
      );
    });
    const error = distance(sums.halves(), differences);
    assert.ok(error < 1e-5, `off by ${error}`);
    await sums.dispose();
  });
}

for (const backend of ["wasm", "cpu"] as const) {
  for (const name of ["linear", "mlp", "mlp with biases", "tanh", "sigmoid"]) {
    test(`${name}: gradients agree with tfjs's automatic differentiation on ${backend}`, async () => {
      const [network, rows] = networks[name]!;
      const data = dataOf(network[0]!.inputs, rows);
      await chooseBackend(backend);
      const engine = await gradientSource({
        model: { kind: "dense", network },
        gradients: "autodiff",
      });
      const { gradients, residuals } = engine.gradients(data, 1);
      const expected = await download(gradients);
      dispose([...gradients, residuals]);
      engine.dispose();
      const sums = createGradientSums(network, 1);
      sums.add(data);
      const error = distance(sums.halves(), expected, 2 / rows);
      assert.ok(error < 2e-6, `off by ${error}`);
      await sums.dispose();
    });
  }
}

test("sums are the same to the bit with any number of threads", async () => {
  const [network] = networks["mlp"]!;
  const data = dataOf(10, 10_000);
  const changed = network.map(({ weights }) => weights.map((value) => value * 0.9));
  let expected: number[] | undefined;
  for (const threads of [1, 2, 3, 5]) {
    const sums = createGradientSums(network, threads);
    const found: number[] = [];
    // Threads come in while the first batches pass.
    for (let round = 0; round < 60; round++) {
      sums.clear();
      sums.replace(round % 2 === 0 ? network.map(({ weights }) => weights) : changed);
      const pending = sums.add({ ...data, rows: 10_000 - round });
      if (pending !== undefined) await pending;
      found.push(...numbersOf(sums));
      await new Promise(setImmediate);
    }
    await sums.dispose();
    expected ??= found;
    assert.ok(
      Buffer.from(Float64Array.from(found).buffer).equals(
        Buffer.from(Float64Array.from(expected).buffer),
      ),
      `${threads} threads give other sums`,
    );
  }
});

test("relaxed SIMD gives the sums to rounding, the same to the bit with any number of threads", async () => {
  if (Number(process.versions.node.split(".")[0]) < 22) skip("Node has it from version 22 on");
  const [network] = networks["mlp"]!;
  const data = dataOf(10, 10_000);
  const found: number[][] = [];
  for (const [threads, simd] of [
    [1, "fixed"],
    [1, "relaxed"],
    [3, "relaxed"],
  ] as const) {
    const sums = createGradientSums(network, threads, simd);
    for (let round = 0; round < 20; round++) {
      sums.clear();
      await sums.add(data);
    }
    found.push(numbersOf(sums));
    const error = distance(sums.halves(), plainHalves(network, data.x, data.y, data.rows));
    assert.ok(error < 1e-6, `${simd}: off by ${error}`);
    await sums.dispose();
  }
  const [fixed, one, three] = found;
  assert.equal(one, three);
  // Fused products are rounded once, so that some sum differs.
  assert.not.equal(one, fixed);
});

test("batches of any size pass in portions", async () => {
  const network = fused([200, 1], 8);
  const data = dataOf(200, 25_000);
  const sums = createGradientSums(network, 2);
  const pending = sums.add(data);
  if (pending !== undefined) await pending;
  const error = distance(sums.halves(), plainHalves(network, data.x, data.y, data.rows));
  assert.ok(error < 1e-6, `off by ${error}`);
  await sums.dispose();
});

test("a number that is not one shows in the sum of the squares", async () => {
  for (const bad of [NaN, Infinity]) {
    const network = fused([4, 8, 1], 1);
    const sums = createGradientSums(network, 1);
    sums.replace(network.map(({ weights }) => weights.map(() => bad)));
    sums.add(dataOf(4, 100));
    assert.not.ok(Number.isFinite(sums.squares()));
    await sums.dispose();
  }
});

for (const name of ["tanh", "sigmoid"]) {
  test(`${name}: large sums saturate`, async () => {
    const [small, rows] = networks[name]!;
    const network = small.map((layer) => ({
      ...layer,
      weights: layer.weights.map((value) => value * 300),
    }));
    const data = dataOf(6, rows);
    const sums = createGradientSums(network, 1);
    sums.add(data);
    const exact = plainSquares(network, data.x, data.y, rows);
    assert.ok(Math.abs(sums.squares() - exact) < 1e-4 * exact, `${sums.squares()}, not ${exact}`);
    assert.ok(sums.halves().every((values) => values.every(Number.isFinite)));
    await sums.dispose();
  });
}

test("the kernel takes dense networks of one output that are not too large", () => {
  const layers = initialNetwork([4, 8, 1], { kind: "uniform" }, 1);
  assert.ok(isFusedNetwork(layers));
  assert.not.ok(isFusedNetwork(layers.map((layer) => ({ ...layer, activation: "relu" as const }))));
  assert.not.ok(isFusedNetwork(layers.slice(0, 1)));
  assert.not.ok(isFusedNetwork(initialNetwork([1024, 1024, 1], { kind: "uniform" }, 1)));
  assert.not.ok(isFusedNetwork(initialNetwork([20_000, 1], { kind: "uniform" }, 1)));
});

test.run();
