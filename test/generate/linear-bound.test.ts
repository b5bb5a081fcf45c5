import { test } from "uvu";
import * as assert from "uvu/assert";
import { createRowMaker, trueWeights, type RowSpec } from "../../src/generate/index.js";
import { lineBeyond, linearBound } from "../../src/generate/linear-bound.js";
import { randomNormals, STREAMS } from "../../src/generate/random.js";

function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

test("lines lie above or below the logistic function everywhere, and near it where they should", () => {
  const ends = [-60, -9, -3, -1.2, -0.5, 0, 0.1, 0.5, 2, 7, 60];
  for (const low of ends) {
    for (const high of ends.filter((end) => end > low)) {
      for (const sign of [1, -1] as const) {
        const near = low + (high - low) * 0.4;
        const { slope, intercept } = lineBeyond(near, low, high, sign);
        for (let step = 0; step <= 1000; step++) {
          const z = low + ((high - low) * step) / 1000;
          const gap = sign * (slope * z + intercept - logistic(z));
          assert.ok(gap >= -1e-12, `${low} to ${high}, ${sign}, at ${z}: ${gap}`);
        }
        const gap = sign * (slope * near + intercept - logistic(near));
        // A chord's distance is at most the largest second derivative, 0.0963, times an eighth of 2².
        if (high - low <= 2) assert.ok(gap <= 0.0482, `${low} to ${high}, ${sign}: ${gap}`);
      }
    }
  }
});

test("no row's second-layer value passes its bound, whatever the first maximum", () => {
  for (const [features, seed, noise] of [
    [1, 3, 0.1],
    [2, 8, 0],
    [10, 42, 0.1],
    [10, 42, 3],
    [33, 5, 0.5],
  ] as const) {
    const spec: RowSpec = { kind: "two-layer-sigmoid", features, noise, seed };
    const truth = trueWeights(spec);
    if (!("w1" in truth)) throw new Error("The weights are those of two layers.");
    const { w1, w2 } = truth;
    const rows = 200;
    const { x } = createRowMaker(spec, rows, [1, 1]).make(0, rows);
    const maker = createRowMaker(spec, 1);
    const first = Math.max(...Array.from({ length: rows }, (_, row) => maker.maximum(row, 1)));
    for (const maximum1 of [first, -first, first * 3, 0.01, -2].map(Math.fround)) {
      const { slopes, noiseSlope, intercept } = linearBound(features, noise, w1, w2, maximum1);
      for (let row = 0; row < rows; row++) {
        const [epsilon = 0] = randomNormals(seed, STREAMS.noise, row, 1);
        const [second = 0] = randomNormals(seed, STREAMS.secondNoise, row, 1);
        let bound = intercept + noiseSlope * noise * epsilon + noise * second;
        for (let feature = 0; feature < features; feature++) {
          bound += slopes[feature]! * logistic(x[row * features + feature]!);
        }
        const value = maker.maximum(row, 1, maximum1);
        assert.ok(value <= bound, `D=${features}, ${maximum1}, row ${row}: ${value} > ${bound}`);
      }
    }
  }
});

test("the bound of usual data is near enough to rule out nearly every row", () => {
  const spec: RowSpec = { kind: "two-layer-sigmoid", features: 10, noise: 0.1, seed: 42 };
  const truth = trueWeights(spec);
  if (!("w1" in truth)) throw new Error("The weights are those of two layers.");
  const maker = createRowMaker(spec, 20_000);
  const first = maker.maximum(0, 20_000);
  const most = maker.maximum(0, 20_000, first);
  const { x } = createRowMaker(spec, 1000, [1, 1]).make(0, 1000);
  const bound = linearBound(10, 0.1, truth.w1, truth.w2, first);
  let passed = 0;
  for (let row = 0; row < 1000; row++) {
    let value = bound.intercept;
    for (let feature = 0; feature < 10; feature++) {
      value += bound.slopes[feature]! * logistic(x[row * 10 + feature]!);
    }
    if (value >= most) passed++;
  }
  assert.ok(passed < 20, `${passed} of 1000`);
});

test.run();
