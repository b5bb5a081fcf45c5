import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { memoryDataset } from "../../helpers/memory-dataset.js";
import { exactLosses, landscape, mergeLandscapes } from "../../../src/landscape/index.js";
import { linspace } from "../../../src/landscape/points/linspace.js";
import { lossesOf } from "../../../src/landscape/methods/curves.js";
import { reluSegments } from "../../../src/landscape/methods/relu-segments.js";
import { isScaleSymmetric, scaleSums } from "../../../src/landscape/methods/scale-sums.js";
import { scaledLayers } from "../../../src/landscape/directions/symmetries.js";
import { scaleSymmetryOf } from "../../../src/landscape/summary/scale-symmetry.js";
import type { DenseNetwork } from "../../../src/model/index.js";
import {
  dyadic,
  exactSum,
  minus,
  plus,
  times,
  toNumber,
  type Dyadic,
} from "../../curvature/certificate/exact.js";
import { folder, refused, runOf } from "../example.js";
import { network, normals, numbers } from "../numbers.js";

const atOnce = (): Promise<void> => Promise.resolve();

/** A network, rows whose targets it nearly predicts, and the plane over the factors of two layers. */
function given(widths: number[], rows: number, bias = false) {
  const next = normals(11);
  const centre = network(next, widths, 0.8);
  if (bias) centre[0]!.bias = numbers(next, widths[1]!, 0.3);
  const x = numbers(next, rows * widths[0]!);
  const zero = new Float32Array(rows);
  const near = Float32Array.from({ length: rows }, (_, row) => {
    const one = { x: x.subarray(row * widths[0]!, (row + 1) * widths[0]!), y: zero, rows: 1 };
    const square = toNumber(exactSum(centre, centre, dyadic(0), one));
    return 1.2 * Math.sqrt(square) + 0.3 * next();
  });
  // The predictions' magnitudes are near: the targets have the sign of most of them.
  const sign = toNumber(exactSums(centre, { x, y: near, rows }).fy) < 0 ? -1 : 1;
  const y = near.map((value) => sign * value);
  const grid = {
    centre,
    directions: scaledLayers(centre),
    alphas: linspace(-1, 1, 7, true),
    betas: linspace(-1, 2, 4, true),
  };
  return { grid, centre, batch: { x, y, rows } };
}

const half = dyadic(0.5);

/** Σf², Σfy and Σy² in exact arithmetic. */
function exactSums(
  centre: DenseNetwork,
  batch: { x: Float32Array; y: Float32Array; rows: number },
) {
  const sum = (y: Float32Array): Dyadic => exactSum(centre, centre, dyadic(0), { ...batch, y });
  const ff = sum(new Float32Array(batch.rows));
  const yy = Array.from(batch.y, dyadic)
    .map((one) => times(one, one))
    .reduce(plus);
  return { ff, yy, fy: times(half, minus(plus(ff, yy), sum(batch.y))) };
}

for (const [widths, bias] of [
  [[3, 5, 1], false],
  [[4, 6, 3, 1], true],
] as const) {
  test(`the means lie within their bounds of exact arithmetic, ${widths.join("-")}`, async () => {
    const { grid, centre, batch } = given([...widths], 40, bias);
    const values = await scaleSums(grid).evaluate(batch);
    const { ff, fy, yy, product, minimum, rise } = scaleSymmetryOf([values])!;
    const exact = exactSums(centre, batch);
    const count = dyadic(batch.rows);
    for (const [found, sum] of [
      [ff, exact.ff],
      [fy, exact.fy],
      [yy, exact.yy],
    ] as const) {
      const off = toNumber(minus(times(dyadic(found.value), count), sum)) / batch.rows;
      assert.ok(Math.abs(off) <= found.bound, `${off} is more than ${found.bound}`);
      assert.ok(found.bound < 1e-12 * Math.abs(found.value));
    }
    // With denominators multiplied out: |p·ff − fy| ≤ bound·ff.
    const off = minus(times(dyadic(product!.value), exact.ff), exact.fy);
    assert.ok(Math.abs(toNumber(off)) <= product!.bound * toNumber(exact.ff));
    const square = times(exact.fy, exact.fy);
    const least = minus(times(exact.yy, exact.ff), square);
    const offLeast = minus(times(times(dyadic(minimum!.value), count), exact.ff), least);
    const weight = batch.rows * toNumber(exact.ff);
    assert.ok(Math.abs(toNumber(offLeast)) <= minimum!.bound * weight);
    const share = times(dyadic(0.5625), dyadic(0.5625));
    const offRise = minus(times(times(dyadic(rise!.value), count), exact.ff), times(share, square));
    assert.ok(Math.abs(toNumber(offRise)) <= rise!.bound * weight);
    assert.ok(rise!.value > 1e3 * rise!.bound);
  });
}

test("the surface is that of float64 forward passes at every point, and of the kernel's", async () => {
  const { grid, batch } = given([4, 6, 3, 1], 50);
  assert.ok(isScaleSymmetric(grid.centre));
  const sums = scaleSums(grid);
  const losses = lossesOf(sums.curves, 28, await sums.evaluate(batch));
  const passes = await exactLosses(grid, batch, atOnce);
  const kernel = await reluSegments(grid);
  const single = lossesOf(kernel.curves, 28, await kernel.evaluate(batch));
  for (const [point, loss] of losses.entries()) {
    assert.ok(Math.abs(loss - passes[point]!) <= 1e-12 * (1 + loss), `point ${point}`);
    assert.ok(Math.abs(loss - single[point]!) <= 1e-5 * (1 + loss), `point ${point}`);
  }
  // The factor 0 of either layer: the prediction is 0.
  const yy = batch.y.reduce((sum, y) => sum + y * y, 0) / batch.rows;
  for (let point = 0; point < 7; point++) assert.ok(Math.abs(losses[point]! - yy) < 1e-12 * yy);
});

test("all points with ab = c are as low as any, and the midpoint of two of them is higher by the number", async () => {
  const { grid, batch } = given([3, 5, 1], 60);
  const symmetry = scaleSymmetryOf([await scaleSums(grid).evaluate(batch)])!;
  const root = Math.sqrt(symmetry.product!.value);
  const lossAt = async (a: number, b: number): Promise<number> => {
    const point = { alphas: Float64Array.of(a - 1), betas: Float64Array.of(b - 1) };
    return (await exactLosses({ ...grid, ...point }, batch, atOnce))[0]!;
  };
  const minimum = symmetry.minimum!.value;
  for (const t of [0.25, 0.5, 1, 2, 8]) {
    assert.ok(Math.abs((await lossAt(t * root, root / t)) - minimum) < 1e-12);
    assert.ok((await lossAt(t * root * 1.01, root / t)) > minimum);
    assert.ok((await lossAt(t * root * 0.99, root / t)) > minimum);
  }
  const middle = await lossAt(1.25 * root, 1.25 * root);
  assert.ok(Math.abs(middle - minimum - symmetry.rise!.value) < 1e-12);
});

test("a network that predicts the opposite has no valley, and one with later biases no theorem", async () => {
  const { grid, batch } = given([3, 5, 1], 30);
  const opposite = { ...batch, y: batch.y.map((value) => -value) };
  const symmetry = scaleSymmetryOf([await scaleSums(grid).evaluate(opposite)])!;
  assert.ok(symmetry.product!.value < 0);
  assert.is(symmetry.rise, undefined);
  const biased = grid.centre.map((layer) => ({ ...layer, bias: new Float32Array(layer.outputs) }));
  assert.not(isScaleSymmetric(biased));
  assert.not(isScaleSymmetric(network(normals(1), [3, 1], 1)));
});

test("along rescale, a plane is over the factors of both layers, for the batches that are named", async () => {
  const { centre, batch } = given([3, 5, 1], 90);
  const run = runOf(centre, "factors");
  const dataset = memoryDataset(batch.x, batch.y);
  const made = { dataset, along: "rescale", plane: true, points: [9, 5], batchSize: 40 } as const;
  const whole = await landscape(run, { ...made, batches: [0, 2] });
  const { record } = whole;
  assert.is(record.method, "scale-sums");
  assert.equal([record.alphas[0], record.alphas[8], record.betas![4]], [-1, 1, 1]);
  assert.equal(await whole.directions(), scaledLayers(centre));
  // The mean over both batches, of which the last is smaller.
  const sums = [
    [0, 40],
    [80, 90],
  ].map(([from, to]) =>
    exactSums(centre, {
      x: batch.x.subarray(3 * from!, 3 * to!),
      y: batch.y.subarray(from, to),
      rows: to! - from!,
    }),
  );
  const fy = (toNumber(sums[0]!.fy) / 40 + toNumber(sums[1]!.fy) / 10) / 2;
  assert.ok(Math.abs(record.symmetry!.fy.value - fy) <= record.symmetry!.fy.bound + 1e-15);
  const { loss, alphas, betas } = await whole.surface();
  const { ff, yy } = record.symmetry!;
  for (const [j, beta] of betas.entries()) {
    for (const [i, alpha] of alphas.entries()) {
      const factor = (1 + alpha) * (1 + beta);
      const expected = factor * (factor * ff.value - 2 * fy) + yy.value;
      assert.ok(Math.abs(loss[j * 9 + i]! - expected) < 1e-12 * (1 + expected));
    }
  }
  const parts = await Promise.all(
    [0, 2].map((one) =>
      landscape(run, { ...made, batches: [one], out: path.join(folder, `f${one}`) }),
    ),
  );
  const merged = await mergeLandscapes(parts, { out: path.join(folder, "factors-merged") });
  assert.equal(merged.record.symmetry, record.symmetry);
  assert.equal(await merged.surface(), await whole.surface());
  const biased = centre.map((layer) => ({ ...layer, bias: new Float32Array(layer.outputs) }));
  const numeric = await landscape(runOf(biased, "biased-factors"), { ...made, batches: [0] });
  assert.equal([numeric.record.method, numeric.record.symmetry], ["relu-segments", undefined]);
  const linear = runOf(network(normals(2), [3, 1], 1), "no-factors");
  await refused(landscape(linear, made), "usage", "rescale needs a hidden layer");
});

test.run();
