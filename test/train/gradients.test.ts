import { dispose, memory } from "@tensorflow/tfjs-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { chooseBackend, initialNetwork, parseInit } from "../../src/train/index.js";
import type { BackendName, DenseNetwork } from "../../src/train/index.js";
import { createEngine } from "../../src/train/engine.js";
import { downloadWeights, meanSquare } from "../../src/train/gradients.js";
import { linearData } from "../helpers/memory-dataset.js";

const rows = 64;
const data = linearData(rows, [0.5, -1, 2, 0.25], 0.3);

const networks: Record<string, DenseNetwork> = {
  linear: initialNetwork([4, 1], parseInit("uniform"), 1),
  mlp: initialNetwork([4, 16, 8, 1], parseInit("uniform"), 2),
  // Widths that put the narrower matrix on either side of a gradient's product.
  narrow: initialNetwork([4, 2, 9, 1], parseInit("normal:0.5"), 3),
};
networks["relu at the end"] = networks["mlp"]!.map((layer) => ({ ...layer, activation: "relu" }));

/** The mean squared error in float64, by plain loops. */
function lossOf(network: DenseNetwork, weights: readonly Float64Array[]): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let values = Array.from(data.x.subarray(row * 4, row * 4 + 4));
    for (const [index, { inputs, outputs, activation }] of network.entries()) {
      values = Array.from({ length: outputs }, (_, out) => {
        let total = 0;
        for (let at = 0; at < inputs; at++)
          total += values[at]! * weights[index]![at * outputs + out]!;
        return activation === "relu" ? Math.max(0, total) : total;
      });
    }
    sum += (values[0]! - data.y[row]!) ** 2;
  }
  return sum / rows;
}

/** Gradients by central differences in float64. */
function differences(network: DenseNetwork): Float64Array[] {
  const weights = network.map((layer) => Float64Array.from(layer.weights));
  const h = 1e-6;
  return weights.map((values) =>
    values.map((value, at) => {
      values[at] = value + h;
      const up = lossOf(network, weights);
      values[at] = value - h;
      const down = lossOf(network, weights);
      values[at] = value;
      return (up - down) / (2 * h);
    }),
  );
}

for (const backend of ["wasm", "cpu"] satisfies BackendName[]) {
  for (const source of ["explicit", "autodiff"] as const) {
    for (const [name, network] of Object.entries(networks)) {
      test(`${source} gradients of ${name} on ${backend} agree with finite differences`, async () => {
        await chooseBackend(backend);
        const before = memory().numTensors;
        const engine = createEngine(network, source);
        const { gradients, residuals } = engine.gradients({ ...data, rows });
        const found = await downloadWeights(gradients);
        const loss = await meanSquare(residuals);
        dispose([...gradients, residuals]);
        engine.dispose();
        assert.is(memory().numTensors, before, "no tensor is left");
        const exact = lossOf(
          network,
          network.map((layer) => Float64Array.from(layer.weights)),
        );
        assert.ok(Math.abs(loss - exact) < 1e-5 * exact, `loss ${loss} against ${exact}`);
        const expected = differences(network);
        const largest = Math.max(...expected.flatMap((values) => [...values].map(Math.abs)));
        for (const [layer, values] of expected.entries()) {
          assert.is(found[layer]!.length, values.length);
          for (const [at, value] of values.entries()) {
            const error = Math.abs(found[layer]![at]! - value);
            assert.ok(error < 1e-5 * largest, `layer ${layer}, weight ${at}: off by ${error}`);
          }
        }
      });
    }
  }
}

test("a batch's arrays may be longer than its rows", async () => {
  await chooseBackend("wasm");
  const engine = createEngine(networks["linear"]!, "explicit");
  const { gradients, residuals } = engine.gradients({ ...data, rows: 10 });
  assert.equal(residuals.shape, [10, 1]);
  dispose([...gradients, residuals]);
  engine.dispose();
});

test.run();
