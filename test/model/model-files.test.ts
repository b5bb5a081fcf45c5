import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { io, memory, tensor2d } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { layers, loadLayersModel, sequential } from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { assert, test } from "../helpers/test.js";
import {
  createPredictor,
  initialNetwork,
  loadNetwork,
  modelToNetwork,
  networkToModel,
  parseInit,
  predictNetwork,
  saveNetwork,
} from "../../src/model/index.js";
import { chooseBackend, currentBackend } from "../../src/backend/index.js";
import { train } from "../../src/train/index.js";
import { inFolder } from "../helpers/folder.js";
import { linearData, memoryDataset } from "../helpers/memory-dataset.js";

const network = initialNetwork([3, 8, 4, 1], parseInit("uniform"), 9);
const rows = 20;
const { x } = linearData(rows, [1, 2, 3], 0);

/** A model's predictions, without leaving tensors. */
function predictionsOf(model: LayersModel): Float32Array {
  const input = tensor2d(x, [rows, 3]);
  const output = model.predict(input) as Tensor2D;
  const values = Float32Array.from(output.dataSync());
  input.dispose();
  output.dispose();
  return values;
}

/** Predictions by plain loops in float64. */
function exactly(): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let values = Array.from(x.subarray(3 * row, 3 * row + 3));
    for (const { inputs, outputs, weights, activation } of network) {
      values = Array.from({ length: outputs }, (__, out) => {
        let sum = 0;
        for (let at = 0; at < inputs; at++) sum += values[at]! * weights[at * outputs + out]!;
        return activation === "relu" ? Math.max(0, sum) : sum;
      });
    }
    return values[0]!;
  });
}

function near(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.is(found.length, expected.length);
  for (let at = 0; at < found.length; at++) {
    assert.ok(Math.abs(found[at]! - expected[at]!) < 1e-6, `${found[at]} for ${expected[at]}`);
  }
}

// The first of all: no test before it has chosen a backend.
test(
  "writing a model starts no large backend, and stands in no one's way",
  inFolder(async (dir) => {
    assert.is(currentBackend(), undefined);
    await saveNetwork(dir, network);
    assert.is(currentBackend(), undefined);
    await predictNetwork(network, x, rows);
    assert.not.equal(currentBackend()?.name ?? "cpu", "cpu");
  }),
);

test(
  "tf.loadLayersModel reads a saved network over HTTP, and predicts the same",
  inFolder(async (folder) => {
    await saveNetwork(folder, network);
    const server = createServer((request, response) => {
      readFile(path.join(folder, path.basename(request.url ?? ""))).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const model = await loadLayersModel(`http://127.0.0.1:${port}/model.json`);
      near(predictionsOf(model), exactly());
      model.dispose();
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }),
);

test(
  "a saved network is what tfjs's own model.save writes",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    await saveNetwork(folder, network);
    const model = networkToModel(network);
    let artifacts: io.ModelArtifacts | undefined;
    await model.save(
      io.withSaveHandler((made) => {
        artifacts = made;
        return Promise.resolve({ modelArtifactsInfo: io.getModelArtifactsInfoForJSON(made) });
      }),
    );
    model.dispose();
    const json = JSON.parse(await readFile(path.join(folder, "model.json"), "utf8"));
    assert.equal(json.modelTopology, artifacts!.modelTopology);
    assert.is(json.format, "layers-model");
    assert.equal(json.weightsManifest, [
      { paths: ["weights.bin"], weights: artifacts!.weightSpecs },
    ]);
    const bytes = await readFile(path.join(folder, "weights.bin"));
    assert.is(
      bytes.toString("hex"),
      Buffer.from(artifacts!.weightData as ArrayBuffer).toString("hex"),
    );
    assert.is(bytes.length, 4 * (3 * 8 + 8 * 4 + 4));
  }),
);

test(
  "a network comes back as it was saved, and is saved as the same bytes again",
  inFolder(async (folder) => {
    await saveNetwork(path.join(folder, "1"), network);
    const again = await loadNetwork(path.join(folder, "1"));
    assert.equal(again, network);
    assert.equal(await loadNetwork(path.join(folder, "1", "model.json")), network);
    await saveNetwork(path.join(folder, "2"), again);
    for (const file of ["model.json", "weights.bin"]) {
      const [one, two] = await Promise.all(
        ["1", "2"].map((name) => readFile(path.join(folder, name, file), "hex")),
      );
      assert.is(one, two);
    }
  }),
);

test("forward passes agree with float64, in any number of parts, and leave no tensor", async () => {
  await chooseBackend("wasm");
  const before = memory().numTensors;
  near(await predictNetwork(network, x, rows), exactly());
  const wide = initialNetwork([3, 1 << 20, 1], parseInit("normal:0.001"), 1);
  const predictor = await createPredictor(wide);
  const whole = await predictor.predict(x, rows);
  const one = await predictor.predict(x.subarray(3 * 17), 1);
  predictor.dispose();
  assert.is(whole.length, rows);
  assert.ok(Math.abs(whole[17]! - one[0]!) <= 1e-6 * Math.abs(one[0]!));
  assert.is(memory().numTensors, before);
});

test("a tfjs model of dense layers becomes a network and back", async () => {
  await chooseBackend("wasm");
  const model = networkToModel(network);
  near(predictionsOf(model), exactly());
  assert.equal(modelToNetwork(model), network);
  model.dispose();
});

test(
  "biases and activations go through files and tfjs models",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    for (const activation of ["tanh", "sigmoid", "relu", "linear"] as const) {
      const biased = initialNetwork([3, 5, 1], parseInit("uniform"), 3, { activation, bias: true });
      await saveNetwork(folder, biased);
      assert.equal(await loadNetwork(folder), biased);
      const model = networkToModel(biased);
      assert.equal(modelToNetwork(model), biased);
      near(predictionsOf(model), await predictNetwork(biased, x, rows));
      model.dispose();
    }
  }),
);

for (const [why, make] of Object.entries({
  "is of type Dropout": () =>
    sequential({
      layers: [
        layers.dense({ units: 4, inputShape: [3], useBias: false }),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: 1, useBias: false }),
      ],
    }),
  "has the activation elu": () =>
    sequential({
      layers: [layers.dense({ units: 1, inputShape: [3], activation: "elu" })],
    }),
  "makes 2 predictions": () =>
    sequential({ layers: [layers.dense({ units: 2, inputShape: [3], useBias: false })] }),
})) {
  test(`a tfjs model that ${why} is refused`, async () => {
    await chooseBackend("wasm");
    const model = make();
    assert.throws(() => modelToNetwork(model), new RegExp(why));
    model.dispose();
  });
}

test(
  "training goes on from a tfjs model, which stays as it is, and the run keeps its start",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const data = linearData(200, [1, 2, 3], 0.1);
    const dataset = memoryDataset(data.x, data.y);
    const model = networkToModel(network);
    const options = { batchSize: 50, epochs: 2, learningRate: 0.01 };
    const out = path.join(folder, "run");
    const run = await train(dataset, { ...options, out, model });
    assert.equal(modelToNetwork(model), network);
    assert.equal(await loadNetwork(path.join(out, "initial")), network);
    assert.match(run.record.command, "initial/model.json");
    const copy = await train(dataset, {
      ...options,
      out: path.join(folder, "again"),
      model: path.join(out, "initial", "model.json"),
    });
    assert.equal(await copy.network(), await run.network());
    const trained = await run.model();
    assert.equal(modelToNetwork(trained), await run.network());
    trained.dispose();
    model.dispose();
  }),
);

test(
  "damaged and hostile model files are refused with the file's name",
  inFolder(async (folder) => {
    const good = path.join(folder, "good");
    await saveNetwork(good, network);
    const json = JSON.parse(await readFile(path.join(good, "model.json"), "utf8"));
    // `any`, since each case damages another part of the parsed file.
    // oxlint-disable-next-line typescript/no-explicit-any
    async function refused(change: (json: any) => void, pattern: RegExp): Promise<void> {
      const dir = path.join(folder, "bad");
      await cp(good, dir, { recursive: true, force: true });
      const changed = structuredClone(json);
      change(changed);
      await writeFile(path.join(dir, "model.json"), JSON.stringify(changed));
      const error = await loadNetwork(dir).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      assert.match(error?.message ?? "nothing was thrown", pattern);
    }
    await writeFile(path.join(folder, "secret"), "x");
    await refused((m) => (m.weightsManifest[0].paths = ["../secret"]), /must be a file beside it/);
    await refused((m) => (m.weightsManifest[0].paths = ["/etc/passwd"]), /must be a file beside/);
    await refused((m) => (m.weightsManifest[0].paths = ["absent.bin"]), /Could not read.*absent/);
    await refused((m) => (m.weightsManifest[0].weights[0].shape = [3, 9]), /should be \d+ bytes/);
    await refused((m) => (m.weightsManifest[0].weights[0].shape = [2 ** 40, 2 ** 12]), /should be/);
    await refused(
      (m) => (m.weightsManifest[0].weights[0].dtype = "int32"),
      /is not of type float32/,
    );
    await refused((m) => (m.modelTopology.config.layers[0].config.units = 1e12), /do not fit/);
    await refused(
      (m) => m.modelTopology.config.layers.pop(),
      /3 weights, but its dense layers take 2/,
    );
    await refused(
      (m) => (m.modelTopology.class_name = "Model"),
      /no model that TensorFlow.js can make/,
    );
    await refused((m) => delete m.modelTopology, /is not a TensorFlow.js layers model/);
    await mkdir(path.join(folder, "empty"));
    let message = "";
    await loadNetwork(path.join(folder, "empty")).catch((e: Error) => (message = e.message));
    assert.match(message, /There is no .*model\.json/);
    await writeFile(path.join(good, "weights.bin"), Buffer.alloc(7));
    await loadNetwork(good).catch((e: Error) => (message = e.message));
    assert.match(message, /weights\.bin.*should be 240 bytes/);
  }),
);

test.run();
