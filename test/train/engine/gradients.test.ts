import { dispose, memory } from "@tensorflow/tfjs-core";
import { assert, test } from "../../helpers/test.js";
import { initialNetwork, parseInit } from "../../../src/model/index.js";
import { chooseBackend } from "../../../src/backend/index.js";
import { parametersOf } from "../../../src/model/network.js";
import type { Activation, DenseNetwork } from "../../../src/model/index.js";
import type { BackendName } from "../../../src/backend/index.js";
import { gradientSource } from "../../../src/train/engine/tensor-engine.js";
import { download, meanSquare } from "../../../src/model/gradients.js";
import { linearData } from "../../helpers/memory-dataset.js";

const rows = 64;
const data = linearData(rows, [0.5, -1, 2, 0.25], 0.3);

const networks: Record<string, DenseNetwork> = {
  linear: initialNetwork([4, 1], parseInit("uniform"), 1),
  mlp: initialNetwork([4, 16, 8, 1], parseInit("uniform"), 2),
  // Widths that put the narrower matrix on either side of a gradient's product.
  narrow: initialNetwork([4, 2, 9, 1], parseInit("normal:0.5"), 3),
};
networks["relu at the end"] = networks["mlp"]!.map((layer) => ({ ...layer, activation: "relu" }));

for (const activation of ["relu", "tanh", "sigmoid"] as const) {
  const form = { activation, bias: true };
  networks[`${activation} with biases`] = initialNetwork(
    [4, 6, 5, 1],
    parseInit("uniform"),
    5,
    form,
  );
}
networks["one unbiased layer among biased ones"] = networks["tanh with biases"]!.map(
  ({ bias, ...layer }, index) => (index === 1 || bias === undefined ? layer : { ...layer, bias }),
);

const functions: Record<Activation, (value: number) => number> = {
  linear: (value) => value,
  relu: (value) => Math.max(0, value),
  tanh: Math.tanh,
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
};

/** The mean squared error in float64, by plain loops. */
function lossOf(network: DenseNetwork, weights: readonly Float64Array[]): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let values = Array.from(data.x.subarray(row * 4, row * 4 + 4));
    let parameter = 0;
    for (const { inputs, outputs, activation, bias } of network) {
      const kernel = weights[parameter++]!;
      const biases = bias === undefined ? new Float64Array(outputs) : weights[parameter++]!;
      values = Array.from({ length: outputs }, (_, out) => {
        let total = biases[out]!;
        for (let at = 0; at < inputs; at++) total += values[at]! * kernel[at * outputs + out]!;
        return functions[activation](total);
      });
    }
    sum += (values[0]! - data.y[row]!) ** 2;
  }
  return sum / rows;
}

/** Gradients by central differences in float64. */
function differences(network: DenseNetwork): Float64Array[] {
  const weights = parametersOf(network).map(({ values }) => Float64Array.from(values));
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
        const engine = await gradientSource({
          model: { kind: "dense", network },
          gradients: source,
        });
        const { gradients, residuals } = engine.gradients({ ...data, rows }, 1);
        const found = await download(gradients);
        const loss = await meanSquare(residuals);
        dispose([...gradients, residuals]);
        engine.dispose();
        assert.is(memory().numTensors, before, "no tensor is left");
        const exact = lossOf(
          network,
          parametersOf(network).map(({ values }) => Float64Array.from(values)),
        );
        assert.ok(Math.abs(loss - exact) < 1e-5 * exact, `loss ${loss} against ${exact}`);
        const expected = differences(network);
        const largest = Math.max(...expected.flatMap((values) => [...values].map(Math.abs)));
        for (const [parameter, values] of expected.entries()) {
          assert.is(found[parameter]!.length, values.length);
          for (const [at, value] of values.entries()) {
            const error = Math.abs(found[parameter]![at]! - value);
            assert.ok(
              error < 1e-5 * largest,
              `parameter ${parameter}, number ${at}: off by ${error}`,
            );
          }
        }
      });
    }
  }
}

test("a batch's arrays may be longer than its rows", async () => {
  await chooseBackend("wasm");
  const engine = await gradientSource({
    model: { kind: "dense", network: networks["linear"]! },
    gradients: "explicit",
  });
  const { gradients, residuals } = engine.gradients({ ...data, rows: 10 }, 1);
  assert.equal(residuals.shape, [10, 1]);
  dispose([...gradients, residuals]);
  engine.dispose();
});

test.run();
