import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { landscape, mergeLandscapes, openLandscape } from "../../../src/landscape/index.js";
import type { Barrier, LandscapeOptions } from "../../../src/landscape/index.js";
import { barrierOf } from "../../../src/landscape/summary/barrier.js";
import { saveNetwork, type DenseNetwork } from "../../../src/model/index.js";
import { memoryDataset } from "../../helpers/memory-dataset.js";
import { reordered } from "../../../src/landscape/directions/symmetries.js";
import { example, folder, runOf } from "../example.js";
import { network, normals, numbers } from "../numbers.js";

const between = (points: number): number[] =>
  Array.from({ length: points }, (_, at) => at / (points - 1));

function near(value: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} instead of ${expected}`);
}

test("the barrier of a parabola is its height above the chord, and what is missed is as computed by hand", () => {
  const alphas = between(11);
  const losses = alphas.map((alpha) => 5 - 3 * alpha + 2 * alpha * (1 - alpha));
  const { height, alpha, missed, start, end, rise } = barrierOf(alphas, losses)!;
  near(height, 0.5, 1e-14);
  near(alpha, 0.5, 0);
  // The second difference is −2·2·0.1².
  near(missed, 0.005, 1e-14);
  assert.equal([start, end], [5, 2]);
  near(rise, 0, 0);
});

test("a convex line has no barrier; the climb is counted from the higher end, also where that is α = 1", () => {
  const convex = barrierOf([-1, 0, 0.5, 1, 2], [9, 4, 1, 2, 9])!;
  assert.equal([convex.height, convex.rise], [0, 1]);
  const hump = barrierOf([0, 0.25, 0.5, 0.75, 1], [1, 3, 2, 4, 5])!;
  assert.equal([hump.height, hump.alpha, hump.rise], [1, 0.25, 1]);
  assert.is(barrierOf([0.1, 0.5, 1], [1, 1, 1]), undefined, "no point at α = 0");
  assert.is(barrierOf([0, 0.5, 1], [1, Infinity, 1]), undefined);
});

/** The prediction of a ReLU network in float64, by plain loops. */
function predict(layers: DenseNetwork, x: Float32Array, row: number): number {
  let values = Array.from(x.subarray(row * layers[0]!.inputs, (row + 1) * layers[0]!.inputs));
  for (const { inputs, outputs, weights, activation } of layers) {
    const sums = Array.from({ length: outputs }, () => 0);
    for (let unit = 0; unit < outputs; unit++) {
      for (let input = 0; input < inputs; input++)
        sums[unit]! += values[input]! * weights[input * outputs + unit]!;
    }
    values = activation === "relu" ? sums.map((value) => Math.max(0, value)) : sums;
  }
  return values[0]!;
}

function lossOf(layers: DenseNetwork, x: Float32Array, y: Float32Array): number {
  let sum = 0;
  for (let row = 0; row < y.length; row++) sum += (predict(layers, x, row) - y[row]!) ** 2;
  return sum / y.length;
}

/** The barrier between two networks by the definition, at some points. */
function barrierBetween(
  one: DenseNetwork,
  other: DenseNetwork,
  x: Float32Array,
  y: Float32Array,
  alphas: readonly number[],
): number {
  const losses = alphas.map((alpha) =>
    lossOf(
      one.map((layer, at) => ({
        ...layer,
        // Numbers in float64 where the type has float32: the loops do not mind.
        weights: Float64Array.from(
          layer.weights,
          (from, index) => (1 - alpha) * from + alpha * other[at]!.weights[index]!,
        ) as unknown as Float32Array,
      })),
      x,
      y,
    ),
  );
  return Math.max(
    ...alphas.map((alpha, at) => losses[at]! - (1 - alpha) * losses[0]! - alpha * losses.at(-1)!),
  );
}

test("barriers between models agree with the definition in float64, before and after alignment, in one pass", async () => {
  const next = normals(8);
  const own = network(next, [3, 6, 4, 1], 0.8);
  const run = runOf(own, "barriers");
  const x = numbers(next, 270);
  const y = Float32Array.from({ length: 90 }, (_, row) => predict(own, x, row) + 0.1 * next());
  const dataset = memoryDataset(x, y);
  // Nearly the same network, with its units in another order.
  const noise = network(next, [3, 6, 4, 1], 0.2);
  const mixed = reordered(reordered(own, 1, [3, 0, 5, 1, 4, 2]), 2, [2, 3, 1, 0]);
  const other = mixed.map((layer, at) => ({
    ...layer,
    weights: layer.weights.map((value, index) => value + noise[at]!.weights[index]!),
  }));
  const model = path.join(folder, "barrier-other");
  await saveNetwork(model, other);
  const options = { dataset, along: `model:${model}`, points: 21, batchSize: 30 } as const;
  const line = async (name: string, more: LandscapeOptions) =>
    landscape(run, { ...options, ...more, out: path.join(folder, name) });
  const close = (found: Barrier | undefined, end: DenseNetwork): void => {
    const expected = barrierBetween(own, end, x, y, between(21));
    near(found!.height, expected, 1e-5 * expected + 1e-6 * found!.start);
    near(found!.start, lossOf(own, x, y), 1e-5 * found!.start);
    near(found!.end, lossOf(end, x, y), 1e-5 * found!.end);
  };
  const plain = await line("plain", { batches: "all" });
  close(plain.record.barrier, other);
  assert.ok(plain.record.barrier!.height > 0.1);
  const aligned = await line("aligned", { batches: "all", align: true });
  close(aligned.record.unaligned, other);
  const direction = await aligned.direction();
  const end = own.map((layer, at) => ({
    ...layer,
    weights: layer.weights.map((value, index) => value + direction[at]!.weights[index]!),
  }));
  near(lossOf(end, x, y), lossOf(other, x, y), 1e-6);
  close(aligned.record.barrier, end);
  assert.ok(aligned.record.barrier!.height < 0.2 * aligned.record.unaligned!.height);
  // The second line is the one without alignment, number by number, and its direction is kept.
  const curves = await aligned.curves();
  const as = (slice: number) => curves.filter((curve) => curve.slice === slice);
  assert.equal(
    as(1).map(({ losses }) => losses),
    (await plain.curves()).map(({ losses }) => losses),
  );
  assert.is(as(0).length, 3);
  assert.equal((await aligned.axes()).unaligned, await plain.direction());
  // Parts merge to the same numbers.
  const parts = [
    await line("part-0", { batches: [0], align: true }),
    await line("part-1", { batches: [1, 2], align: true }),
  ];
  const merged = await mergeLandscapes(parts, { out: path.join(folder, "merged") });
  assert.equal(merged.record.barrier, aligned.record.barrier);
  assert.equal(merged.record.unaligned, aligned.record.unaligned);
  assert.equal((await openLandscape(merged.dir)).record, merged.record);
});

test("swap has a barrier, a plane and a random line have none", async () => {
  const { run, dataset, x, y } = example([3, 6, 1], 60, "swap-barrier");
  const made = { dataset, batches: "all", batchSize: 60, points: 11 } as const;
  const swapped = await landscape(run, { ...made, along: "swap:1:0:1" });
  const { record } = swapped;
  const own = (await run.weights()) as DenseNetwork;
  const direction = await swapped.direction();
  const end = own.map((layer, at) => ({
    ...layer,
    weights: layer.weights.map((value, index) => value + direction[at]!.weights[index]!),
  }));
  const expected = Math.max(0, barrierBetween(own, end, x, y, between(11)));
  near(record.barrier!.height, expected, 1e-6 * record.barrier!.start);
  assert.is((await landscape(run, made)).record.barrier, undefined);
  const plane = await landscape(run, { ...made, along: "swap:1:0:1", plane: true });
  assert.is(plane.record.barrier, undefined);
});

test.run();
