import { memory } from "@tensorflow/tfjs-core";
import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import { batchedForward } from "../../../src/landscape/methods/batched-forward.js";
import { lossesOf as expand } from "../../../src/landscape/methods/curves.js";
import { linearSums } from "../../../src/landscape/methods/linear-sums.js";
import { pointsOf } from "../../../src/landscape/points/grid.js";
import type { SliceMethod } from "../../../src/landscape/methods/types.js";
import type { Grid } from "../../../src/landscape/points/grid.js";
import { pooledSegments } from "../../../src/landscape/methods/segments-pool.js";
import { isPiecewise, reluSegments } from "../../../src/landscape/methods/relu-segments.js";
import { chooseBackend } from "../../../src/backend/index.js";
import type { DenseLayer, DenseNetwork } from "../../../src/model/index.js";
import { lossAt, network, normals, numbers, worstRelative } from "../numbers.js";

// Float32 arithmetic rounds each loss by some 1e-7; the linear sums are float64 throughout.
const float32Bound = 1e-6;
const float64Bound = 1e-12;

function grid(scale: number, points: number): Float64Array {
  return Float64Array.from({ length: points }, (_, i) =>
    points === 1 ? -scale : -scale + (2 * scale * i) / (points - 1),
  );
}

function lineOf(centre: DenseNetwork, direction: DenseNetwork, alphas: Float64Array): Grid {
  return { centre, directions: [direction], alphas, betas: Float64Array.of(0) };
}

interface Example {
  line: Grid;
  batch: { x: Float32Array; y: Float32Array; rows: number };
  expected: Float64Array;
}

function example(widths: number[], scale: number, points: number, rows: number, seed = 7): Example {
  const next = normals(seed);
  const x = numbers(next, rows * widths[0]!);
  const y = numbers(next, rows);
  const centre = network(next, widths, 0.3);
  const direction = network(next, widths, 1);
  const alphas = grid(scale, points);
  const expected = alphas.map((alpha) => lossAt(centre, direction, alpha, x, y));
  return { line: lineOf(centre, direction, alphas), batch: { x, y, rows }, expected };
}

/** The losses at every point of a method's grid. */
async function evaluated(
  method: SliceMethod,
  batch: Example["batch"],
  points = method.curves.width,
): Promise<Float64Array> {
  return expand(method.curves, points, await method.evaluate(batch));
}

async function lossesOf(method: SliceMethod, { batch, line }: Example): Promise<Float64Array> {
  const losses = await evaluated(method, batch, pointsOf(line));
  await method.dispose();
  return losses;
}

test.before(async () => {
  await chooseBackend("cpu");
});

test("the linear model's sums are the float64 losses", async () => {
  for (const [features, scale, points, rows] of [
    [10, 1, 101, 1000],
    [10, 1e-6, 11, 1000],
    [3, 100, 7, 70_001],
    [1, 1, 1, 1],
  ] as const) {
    const given = example([features, 1], scale, points, rows);
    const losses = await lossesOf(await linearSums(given.line), given);
    assert.ok(
      worstRelative(losses, given.expected) < float64Bound,
      `D=${features}, scale ${scale}`,
    );
  }
});

test("the linear model's sums keep their digits where the residual is tiny", async () => {
  const next = normals(3);
  const rows = 500;
  const x = numbers(next, rows * 4);
  const centre = network(next, [4, 1], 1);
  const direction = network(next, [4, 1], 1);
  // Targets as float32 has them: residuals of 1e-8, losses of 1e-15.
  const y = Float32Array.from({ length: rows }, (_, row) =>
    centre[0]!.weights.reduce((sum, w, feature) => sum + w * x[row * 4 + feature]!, 0),
  );
  const alphas = grid(1e-7, 5);
  const expected = alphas.map((alpha) => lossAt(centre, direction, alpha, x, y));
  const method = await linearSums(lineOf(centre, direction, alphas));
  const losses = await evaluated(method, { x, y, rows }, 5);
  assert.ok(expected[2]! < 1e-13);
  assert.ok(worstRelative(losses, expected) < 1e-7);
});

test("pieces of a ReLU network are the float64 losses, however many units switch", async () => {
  for (const [widths, scale, points, rows] of [
    [[10, 40, 20, 1], 2, 101, 60],
    [[10, 40, 20, 1], 0.01, 100, 60],
    [[10, 40, 20, 1], 1000, 3, 60],
    [[10, 64, 48, 1], 1, 33, 60],
    [[5, 9, 1], 1, 33, 200],
    [[3, 5, 7, 1], 1, 2050, 40],
    [[2, 3, 2, 1], 1, 2, 50],
    [[1, 1, 1, 1], 1, 1, 1],
    [[1, 1, 1], 3, 7, 30],
  ] as const) {
    const given = example([...widths], scale, points, rows);
    assert.ok(isPiecewise(given.line.centre));
    const losses = await lossesOf(await reluSegments(given.line), given);
    const worst = worstRelative(losses, given.expected);
    assert.ok(worst < float32Bound, `${widths.join("-")}, scale ${scale}: ${worst}`);
  }
});

test("pieces are exact where units switch at a point of the grid, or lie still", async () => {
  // Every unit of the first layer has its switch exactly at one of the points −2 … 2, or b = 0.
  const inputs = 1;
  const first = [-2, -1, 0, 1, 2, 0, 3, -3];
  const centre: DenseNetwork = [
    { inputs, outputs: 8, activation: "relu", weights: Float32Array.from(first) },
    { inputs: 8, outputs: 2, activation: "relu", weights: new Float32Array(16).fill(0.5) },
    { inputs: 2, outputs: 1, activation: "linear", weights: Float32Array.of(1, -1) },
  ];
  const next = normals(11);
  const direction: DenseNetwork = [
    { ...centre[0]!, weights: Float32Array.of(1, 1, 1, 1, -1, 0, 0, 0) },
    { ...centre[1]!, weights: numbers(next, 16) },
    { ...centre[2]!, weights: numbers(next, 2) },
  ];
  const x = Float32Array.of(1, -1, 2, 0, -0.5);
  const y = Float32Array.of(1, 2, 3, 4, 5);
  const alphas = grid(2, 5);
  const expected = alphas.map((alpha) => lossAt(centre, direction, alpha, x, y));
  const method = await reluSegments(lineOf(centre, direction, alphas));
  assert.ok(worstRelative(await evaluated(method, { x, y, rows: 5 }), expected) < float32Bound);
});

test("pieces do not carry anything from one batch to the next", async () => {
  const given = example([4, 6, 3, 1], 2, 21, 90);
  const method = await reluSegments(given.line);
  const once = await method.evaluate(given.batch);
  await method.evaluate({ x: given.batch.x.map((value) => 3 * value), y: given.batch.y, rows: 17 });
  assert.equal(await method.evaluate(given.batch), once);
});

test("threads find the same losses to the last bit, batch by batch", async () => {
  const given = example([4, 6, 3, 1], 2, 21, 90);
  const { x, y } = given.batch;
  const pooled = await pooledSegments(given.line, 2);
  const alone = await reluSegments(given.line);
  const batches = [0, 1, 2, 3].map((index) => ({
    x: x.slice(index * 80, index * 80 + 80),
    y: y.slice(index * 20, index * 20 + 20),
    rows: 20,
  }));
  const found = await Promise.all(
    batches.map((batch) => {
      const recycled = { ...batch, x: batch.x.slice(), y: batch.y.slice() };
      const losses = pooled.evaluate(recycled);
      recycled.x.fill(NaN);
      recycled.y.fill(NaN);
      return losses;
    }),
  );
  for (const [index, batch] of batches.entries())
    assert.equal(found[index], await alone.evaluate(batch));
  await pooled.dispose();
});

test("a second layer without activation has its pieces too", async () => {
  const given = example([4, 6, 5, 1], 2, 21, 90);
  const centre = given.line.centre.with(1, { ...given.line.centre[1]!, activation: "linear" });
  const line = { ...given.line, centre };
  const { x, y } = given.batch;
  const expected = line.alphas.map((alpha) =>
    lossAt(line.centre, line.directions[0]!, alpha, x, y),
  );
  assert.ok(
    worstRelative(await lossesOf(await reluSegments(line), given), expected) < float32Bound,
  );
});

/** The same network with a bias in every layer. */
function biased(next: () => number, plain: DenseNetwork): DenseNetwork {
  return plain.map((layer) => ({ ...layer, bias: numbers(next, layer.outputs, 0.5) }));
}

test("with biases, on a line and on a plane, all methods are the float64 losses", async () => {
  const next = normals(21);
  const rows = 50;
  const [x, y] = [numbers(next, rows * 5), numbers(next, rows)];
  for (const widths of [
    [5, 1],
    [5, 9, 1],
    [5, 9, 6, 1],
  ]) {
    const [centre, one, two] = [0.3, 1, 1].map((scale) =>
      biased(next, network(next, widths, scale)),
    );
    for (const directions of [[one!], [one!, two!]]) {
      const betas = directions.length === 1 ? Float64Array.of(0) : grid(1, 4);
      const given: Grid = { centre: centre!, directions, alphas: grid(1, 13), betas };
      const expected: number[] = [];
      for (const beta of betas) {
        for (const alpha of given.alphas) {
          expected.push(plainLoss(given, alpha, beta, x, y));
        }
      }
      const methods = [batchedForward(given)];
      if (widths.length === 2) methods.push(await linearSums(given));
      else methods.push(await reluSegments(given, "fixed"), await reluSegments(given));
      for (const method of methods) {
        const worst = worstRelative(
          await evaluated(method, { x, y, rows }, expected.length),
          expected,
        );
        assert.ok(worst < float32Bound, `${method.name} of ${widths.join("-")}: ${worst}`);
      }
    }
  }
});

/** The loss at a point by sums unit by unit, biases included. */
function plainLoss(
  { centre, directions }: Grid,
  alpha: number,
  beta: number,
  x: Float32Array,
  y: Float32Array,
): number {
  const at = (layer: number, key: "weights" | "bias", index: number): number =>
    centre[layer]![key]![index]! +
    alpha * directions[0]![layer]![key]![index]! +
    beta * (directions[1]?.[layer]![key]![index] ?? 0);
  let total = 0;
  for (let row = 0; row < y.length; row++) {
    let values = Array.from(x.subarray(row * 5, row * 5 + 5));
    for (const [layer, { outputs, activation }] of centre.entries()) {
      const below = values;
      values = Array.from({ length: outputs }, (_, unit) => {
        let sum = at(layer, "bias", unit);
        for (const [input, value] of below.entries()) {
          sum += value * at(layer, "weights", input * outputs + unit);
        }
        return plainActivation(activation, sum);
      });
    }
    total += (values[0]! - y[row]!) ** 2;
  }
  return total / y.length;
}

function plainActivation(activation: DenseLayer["activation"], sum: number): number {
  if (activation === "relu") return Math.max(0, sum);
  if (activation === "tanh")
    return (Math.exp(sum) - Math.exp(-sum)) / (Math.exp(sum) + Math.exp(-sum));
  return activation === "sigmoid" ? 1 / (1 + Math.exp(-sum)) : sum;
}

test("a plane whose layers are too large to be held for every line has the same losses", async () => {
  const next = normals(23);
  const rows = 20;
  const batch = { x: numbers(next, rows * 2), y: numbers(next, rows), rows };
  const [centre, one, two] = [0.3, 1, 1].map((scale) => network(next, [2, 4, 1024, 1], scale));
  const given = { centre: centre!, directions: [one!, two!], alphas: grid(1, 70) };
  const betas = grid(1, 70);
  const whole = await evaluated(await reluSegments({ ...given, betas }), batch);
  for (const line of [0, 41, 69]) {
    const alone = await reluSegments({ ...given, betas: betas.subarray(line, line + 1) });
    assert.equal(whole.slice(line * 70, (line + 1) * 70), await evaluated(alone, batch));
  }
});

test("networks of tanh and sigmoid agree with float64, along lines and over planes", async () => {
  const rows = 60;
  for (const activations of [
    ["tanh", "linear"],
    ["sigmoid", "linear"],
    ["tanh", "sigmoid", "linear"],
    ["relu", "tanh", "linear"],
    ["sigmoid", "relu", "tanh", "linear"],
  ] satisfies DenseLayer["activation"][][]) {
    const next = normals(31);
    const [x, y] = [numbers(next, rows * 5), numbers(next, rows)];
    const widths = [5, 8, 6, 4].slice(0, activations.length).concat(1);
    const [centre, one, two] = [0.5, 1, 1].map((scale) =>
      biased(next, network(next, widths, scale)).map((layer, index) => ({
        ...layer,
        activation: activations[index]!,
      })),
    );
    assert.not.ok(isPiecewise(centre!));
    for (const directions of [[one!], [one!, two!]]) {
      const betas = directions.length === 1 ? Float64Array.of(0) : grid(1, 3);
      const given: Grid = { centre: centre!, directions, alphas: grid(1, 9), betas };
      const expected = [...betas].flatMap((beta) =>
        [...given.alphas].map((alpha) => plainLoss(given, alpha, beta, x, y)),
      );
      const worst = worstRelative(await evaluated(batchedForward(given), { x, y, rows }), expected);
      assert.ok(worst < float32Bound, `${activations.join("-")}: ${worst}`);
    }
  }
});

test("forward passes agree for every depth, and leave no tensor behind", async () => {
  const before = memory().numTensors;
  for (const widths of [
    [10, 1],
    [10, 6, 1],
    [10, 40, 20, 1],
    [4, 5, 6, 7, 1],
    [1, 1],
  ]) {
    const given = example(widths, 1, 11, 64);
    const losses = await lossesOf(batchedForward(given.line), given);
    const worst = worstRelative(losses, given.expected);
    assert.ok(worst < float32Bound, `${widths.join("-")}: ${worst}`);
  }
  assert.is(memory().numTensors, before);
});

test("losses too large for float32 are computed, and those too large for float64 are Infinity", async () => {
  const given = example([3, 4, 5, 1], 1, 3, 20);
  const scaled = (factor: number): Grid => ({
    ...given.line,
    alphas: given.line.alphas.map((alpha) => factor * alpha),
  });
  for (const make of [reluSegments, (line: Grid) => Promise.resolve(batchedForward(line))]) {
    const large = scaled(1e20);
    const expected = large.alphas.map((alpha) =>
      lossAt(large.centre, large.directions[0]!, alpha, given.batch.x, given.batch.y),
    );
    assert.ok(expected[0]! > 1e60);
    assert.ok(worstRelative(await lossesOf(await make(large), given), expected) < float64Bound);
    const [first, middle, last] = await lossesOf(await make(scaled(1e100)), given);
    assert.equal([first, last], [Infinity, Infinity]);
    assert.ok(Math.abs(middle! - given.expected[1]!) / given.expected[1]! < float32Bound);
  }
  const linear = example([3, 1], 1, 3, 20);
  const line = { ...linear.line, alphas: Float64Array.of(-1e200, 0, 1e200) };
  const [first, middle, last] = await evaluated(await linearSums(line), linear.batch, 3);
  assert.equal([first, last], [Infinity, Infinity]);
  assert.ok(Number.isFinite(middle));
});

test("a number that is none in the data makes the loss none", async () => {
  const given = example([3, 4, 5, 1], 1, 3, 20);
  given.batch.x[4] = NaN;
  for (const method of [await reluSegments(given.line), batchedForward(given.line)]) {
    assert.ok((await method.evaluate(given.batch)).every(Number.isNaN));
  }
});

test("all methods stop when asked to", async () => {
  const controller = new AbortController();
  controller.abort();
  const deep = example([3, 4, 5, 1], 1, 3, 20);
  const flat = example([3, 1], 1, 3, 20);
  const methods: [SliceMethod, Example][] = [
    [await reluSegments(deep.line), deep],
    [batchedForward(deep.line), deep],
    [await linearSums(flat.line), flat],
  ];
  for (const [method, { batch }] of methods) {
    let caught: unknown;
    await method.evaluate(batch, controller.signal).catch((error: unknown) => (caught = error));
    assert.ok(caught instanceof VadiError && caught.kind === "interrupted", method.name);
  }
});

test("what a worker thread cannot compute is told as the library tells it", async () => {
  const next = normals(1);
  const widths = [1, 4, 1200, 1];
  // The last layer's weights at a million points do not fit into 4 GiB.
  const line = lineOf(network(next, widths, 1), network(next, widths, 1), grid(1, 1_000_000));
  const pooled = await pooledSegments(line, 1);
  try {
    await pooled.evaluate({ x: new Float32Array(1), y: new Float32Array(1), rows: 1 });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, VadiError);
    assert.is((error as VadiError).kind, "failed");
    assert.match(
      (error as VadiError).message,
      "more than there is memory for; use a smaller model",
    );
  } finally {
    await pooled.dispose();
  }
});

test("the kernel fuses multiplications with additions where the engine can: from Node 22 on", async () => {
  const { line } = example([3, 4, 1], 1, 3, 5);
  const method = await reluSegments(line);
  assert.is(method.simd, Number(process.versions.node.split(".")[0]) >= 22 ? "relaxed" : "fixed");
  await method.dispose();
});

test.run();
