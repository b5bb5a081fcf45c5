import { assert, test } from "../helpers/test.js";
import {
  countWeights,
  initialNetwork,
  layerWidths,
  parseInit,
  widthsOf,
} from "../../src/model/index.js";

test("model names give layer widths", () => {
  assert.equal(layerWidths("linear", 7), [7, 1]);
  assert.equal(layerWidths("mlp", 10), [10, 40, 20, 1]);
  assert.equal(layerWidths("mlp:5", 3), [3, 5, 1]);
  assert.equal(layerWidths("mlp:64,32,16", 3), [3, 64, 32, 16, 1]);
});

test("other model names are refused in one sentence", () => {
  for (const name of ["", "mlp:", "mlp:0", "mlp:4,", "mlp:4,-2", "mlp:1.5", "cnn", "__proto__"]) {
    assert.throws(() => layerWidths(name, 3), /^There is no model .*choose linear, mlp/);
  }
  assert.throws(() => layerWidths("mlp:99999999,99999999", 3), /narrower layers/);
});

test("initial weights are a function of the seed", () => {
  const widths = [10, 40, 20, 1];
  for (const init of ["uniform", "normal:0.1", "glorot"]) {
    const one = initialNetwork(widths, parseInit(init), 42);
    assert.equal(initialNetwork(widths, parseInit(init), 42), one);
    assert.not.equal(initialNetwork(widths, parseInit(init), 43), one);
    assert.not.equal(one[0]!.weights.slice(0, 20), one[1]!.weights.slice(0, 20));
    assert.equal(widthsOf(one), widths);
    assert.is(countWeights(one), 10 * 40 + 40 * 20 + 20);
    assert.equal(
      one.map((layer) => layer.activation),
      ["relu", "relu", "linear"],
    );
  }
});

/** Mean and standard deviation of a layer's weights. */
function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

test("uniform weights fill U(-1/sqrt(fanIn), 1/sqrt(fanIn))", () => {
  const [layer] = initialNetwork([100, 200, 1], parseInit("uniform"), 7);
  const { mean, deviation } = moments(layer!.weights);
  // 20 000 draws: five standard errors of the mean and of the deviation.
  assert.ok(layer!.weights.every((weight) => Math.abs(weight) <= 0.1));
  assert.ok(Math.max(...layer!.weights) > 0.0995 && Math.min(...layer!.weights) < -0.0995);
  assert.ok(Math.abs(mean) < (5 * 0.1) / Math.sqrt(3 * 20_000));
  assert.ok(Math.abs(deviation - 0.1 / Math.sqrt(3)) < 0.001);
});

test("glorot weights fill U(+-sqrt(6/(fanIn+fanOut)))", () => {
  const bound = Math.sqrt(6 / 300);
  const [layer] = initialNetwork([100, 200, 1], parseInit("glorot"), 7);
  assert.ok(layer!.weights.every((weight) => Math.abs(weight) <= bound * (1 + 1e-7)));
  assert.ok(Math.abs(moments(layer!.weights).deviation - bound / Math.sqrt(3)) < 0.01 * bound);
});

test("normal:S weights have the standard deviation S", () => {
  const [layer] = initialNetwork([100, 200, 1], parseInit("normal:0.1"), 7);
  const { mean, deviation } = moments(layer!.weights);
  assert.ok(Math.abs(mean) < (5 * 0.1) / Math.sqrt(20_000));
  assert.ok(Math.abs(deviation - 0.1) < (5 * 0.1) / Math.sqrt(40_000));
});

test("other inits are refused", () => {
  for (const init of ["", "he", "normal", "normal:", "normal:x", "normal:-1", "normal:Infinity"]) {
    assert.throws(() => parseInit(init), /^There is no init .*normal:0\.1/);
  }
});

test.run();
