import * as fc from "fast-check";
import { assert, test } from "../helpers/test.js";
import { VadiError } from "../../src/common/errors.js";
import {
  createRowMaker,
  randomNormals,
  STREAMS,
  trueWeights,
  type RowSpec,
} from "../../src/generate/index.js";
import { checkRowSpec } from "../../src/generate/options.js";

const lsm = (features: number, seed = 42, noise = 0.1): RowSpec => ({
  kind: "lsm",
  features,
  noise,
  seed,
});
const twoLayer = (features: number, seed = 42, noise = 0.1): RowSpec => ({
  ...lsm(features, seed, noise),
  kind: "two-layer-sigmoid",
});

/** Rows copied out of a maker of the given capacity, in calls of at most that many. */
function makeRows(
  spec: RowSpec,
  first: number,
  rows: number,
  capacity: number,
  maxima?: readonly [number, number],
): { x: Float32Array; y: Float32Array } {
  const maker = createRowMaker(spec, capacity, maxima);
  const x = new Float32Array(rows * spec.features);
  const y = new Float32Array(rows);
  for (let done = 0; done < rows; done += capacity) {
    const made = maker.make(first + done, Math.min(capacity, rows - done));
    x.set(made.x, done * spec.features);
    y.set(made.y, done);
  }
  return { x, y };
}

/** One noise draw a row. */
const noiseOf = (seed: number, stream: number, row: number): number =>
  randomNormals(seed, stream, row, 1)[0]!;

test("x of a row is the row's normals in the stream of features", () => {
  for (const features of [1, 3, 4, 10, 13]) {
    for (const first of [0, 1, 2 ** 32 - 3, 2 ** 52]) {
      const { x } = makeRows(lsm(features), first, 9, 9);
      for (let row = 0; row < 9; row++) {
        assert.equal(
          x.slice(row * features, (row + 1) * features),
          randomNormals(42, STREAMS.features, first + row, features),
          `D=${features}, row ${first + row}`,
        );
      }
    }
  }
});

test("y of LSM is Σ x·w + noise·ε, summed in float64 in the order of the features, rounded once", () => {
  for (const features of [1, 3, 10, 13]) {
    for (const [seed, noise] of [
      [42, 0.1],
      [2 ** 40 + 5, 0],
      [3, 2.5],
    ] as const) {
      const spec = lsm(features, seed, noise);
      const truth = trueWeights(spec);
      assert.ok("w" in truth);
      assert.equal(truth.w, randomNormals(seed, STREAMS.trueWeights, 0, features));
      const first = 2 ** 32 - 50;
      const { x, y } = makeRows(spec, first, 101, 64);
      for (let row = 0; row < 101; row++) {
        let sum = 0;
        for (let feature = 0; feature < features; feature++) {
          sum += x[row * features + feature]! * truth.w[feature]!;
        }
        sum += noise * noiseOf(seed, STREAMS.noise, first + row);
        assert.is(y[row], Math.fround(sum), `D=${features}, row ${first + row}`);
      }
    }
  }
});

test("a row depends on the spec and its number alone, not on what is made with it", () => {
  const kinds = [
    { spec: lsm(13), maxima: undefined },
    { spec: twoLayer(3), maxima: [2.5, 3.5] as const },
  ];
  for (const { spec, maxima } of kinds) {
    const whole = makeRows(spec, 100, 257, 257, maxima);
    fc.assert(
      fc.property(
        fc.nat(250),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(40),
        (skip, capacity, more) => {
          const rows = Math.min(1 + more, 257 - skip);
          const part = makeRows(spec, 100 + skip, rows, capacity, maxima);
          assert.equal(part.x, whole.x.slice(skip * spec.features, (skip + rows) * spec.features));
          assert.equal(part.y, whole.y.slice(skip, skip + rows));
        },
      ),
      { seed: 3, numRuns: 40 },
    );
  }
});

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** The formula of the two-layer-sigmoid data in float64: first-layer values and the second-layer value. */
function twoLayerFloat64(
  spec: RowSpec,
  row: number,
  maximum1: number,
): { hidden: number[]; output: number } {
  const { features, noise, seed } = spec;
  const truth = trueWeights(spec);
  assert.ok("w1" in truth);
  const { w1, w2 } = truth;
  const x = Array.from(randomNormals(seed, STREAMS.features, row, features), sigmoid);
  const epsilon = noise * noiseOf(seed, STREAMS.noise, row);
  const hidden = Array.from({ length: 2 * features }, (_, unit) =>
    x.reduce((sum, value, feature) => sum + value * w1[feature * 2 * features + unit]!, epsilon),
  );
  const output = hidden.reduce(
    (sum, value, unit) => sum + sigmoid(value / maximum1 - 0.5) * w2[unit]!,
    noise * noiseOf(seed, STREAMS.secondNoise, row),
  );
  return { hidden, output };
}

/**
 * Float32 sums of at most 26 terms of size 3 or so, each rounded to 6e-8 of the sum: some 1e-5. The
 * first layer's error reaches the second through at most 26 slopes of ¼.
 */
const FIRST_BOUND = 1e-5;
const SECOND_BOUND = 3e-5;

test("two-layer-sigmoid: maxima and targets are those of the formula in float64", () => {
  for (const features of [1, 3, 10, 13]) {
    for (const noise of [0.1, 0]) {
      const spec = twoLayer(features, 7, noise);
      const first = 2 ** 32 - 100;
      const rows = 203;
      const maker = createRowMaker(spec, rows);
      const numbers = Array.from({ length: rows }, (_, index) => first + index);
      const maximum1 = maker.maximum(first, rows);
      const values = numbers.map((row) => twoLayerFloat64(spec, row, maximum1));
      const largest1 = Math.max(...values.flatMap(({ hidden }) => hidden));
      assert.ok(Math.abs(maximum1 - largest1) <= FIRST_BOUND, `${maximum1} ${largest1}`);
      assert.is(maximum1, Math.fround(maximum1));
      const maximum2 = maker.maximum(first, rows, maximum1);
      const largest2 = Math.max(...values.map(({ output }) => output));
      assert.ok(Math.abs(maximum2 - largest2) <= SECOND_BOUND, `${maximum2} ${largest2}`);
      const { x, y } = makeRows(spec, first, rows, 50, [maximum1, maximum2]);
      for (const [index, { output }] of values.entries()) {
        const error = Math.abs(y[index]! * maximum2 - output);
        assert.ok(error <= SECOND_BOUND, `D=${features}, row ${index}: ${error}`);
        assert.equal(
          x.slice(index * features, (index + 1) * features),
          randomNormals(7, STREAMS.features, first + index, features),
        );
      }
      // The largest target is 1, by construction and in float32 exactly.
      assert.is(maximum2 > 0 ? Math.max(...y) : Math.min(...y), 1);
    }
  }
});

test("maxima of parts are maxima of the whole, also where the last group of four is not full", () => {
  const spec = twoLayer(3, 11);
  const maker = createRowMaker(spec, 1000);
  const whole = maker.maximum(0, 1000);
  const second = maker.maximum(0, 1000, whole);
  for (const length of [1, 2, 3, 5, 333, 999]) {
    let [a, b] = [-Infinity, -Infinity];
    for (let first = 0; first < 1000; first += length) {
      const rows = Math.min(length, 1000 - first);
      a = Math.max(a, maker.maximum(first, rows));
      b = Math.max(b, maker.maximum(first, rows, whole));
    }
    assert.is(a, whole);
    assert.is(b, second);
  }
});

test("maxima are the largest over the rows one at a time, with any features, noise and first maximum", () => {
  const rows = 6000;
  for (const features of [1, 2, 3, 7, 10, 24]) {
    for (const [seed, noise] of [
      [1, 0.1],
      [42, 0],
      [46, 3],
      [2 ** 40, 1000],
    ] as const) {
      const maker = createRowMaker({ kind: "two-layer-sigmoid", features, noise, seed }, rows);
      const largest = (count: number, maximum1?: number): number => {
        let most = -Infinity;
        for (let row = 0; row < count; row++)
          most = Math.max(most, maker.maximum(row, 1, maximum1));
        return most;
      };
      const first = maker.maximum(0, rows);
      assert.is(first, largest(rows));
      assert.is(maker.maximum(0, rows, first), largest(rows, first));
      for (const other of [0.01, -0.5, 100]) {
        assert.is(maker.maximum(0, 500, other), largest(500, other));
      }
    }
  }
});

test("true weights of two-layer-sigmoid are W1, row-major, and w2", () => {
  const truth = trueWeights(twoLayer(3, 5));
  assert.ok("w1" in truth);
  assert.equal(truth.w1, randomNormals(5, STREAMS.trueWeights, 0, 18));
  assert.equal(truth.w2, randomNormals(5, STREAMS.trueWeights, 1, 6));
});

test("targets of two-layer-sigmoid are refused without the maxima", () => {
  assert.throws(() => createRowMaker(twoLayer(2), 4).make(0, 4), /maxima/);
  assert.throws(() => createRowMaker(lsm(2), 4).maximum(0, 4), /no maxima/);
});

test("wrong specs are usage errors that name the option", () => {
  const wrong: [Partial<Record<keyof RowSpec, unknown>>, RegExp][] = [
    [{ kind: "cubic" }, /^kind must be lsm or two-layer-sigmoid, not "cubic"/],
    [{ features: 0 }, /^features must be a whole number from 1 to 1000000, not 0/],
    [{ features: 1.5 }, /^features\b/],
    [{ features: NaN }, /^features\b/],
    [{ features: 1_000_001 }, /^features\b/],
    [{ kind: "two-layer-sigmoid", features: 1001 }, /^features .* 1000 for two-layer-sigmoid/],
    [{ noise: -0.1 }, /^noise\b/],
    [{ noise: Infinity }, /^noise\b/],
    [{ noise: NaN }, /^noise\b/],
    [{ seed: -1 }, /^seed\b/],
    [{ seed: 0.5 }, /^seed\b/],
    [{ seed: 2 ** 53 }, /^seed\b/],
  ];
  for (const [change, message] of wrong) {
    assert.throws(
      () => checkRowSpec({ ...lsm(10), ...change } as RowSpec),
      (error: unknown) =>
        error instanceof VadiError && error.kind === "usage" && message.test(error.message),
      JSON.stringify(change),
    );
  }
  checkRowSpec(lsm(1_000_000, Number.MAX_SAFE_INTEGER, 0));
  checkRowSpec(twoLayer(1000));
});

test.run();
