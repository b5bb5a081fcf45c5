import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import { constraints, layers, sequential } from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { chooseBackend } from "../../src/backend/index.js";
import { loadModel } from "../../src/model/index.js";
import { train } from "../../src/train/index.js";
import { inFolder } from "../helpers/folder.js";
import { branched, dataset } from "../helpers/layers-models.js";
import { assert, test } from "../helpers/test.js";

const dense = (units: number, more: object = {}): LayersModel["layers"][number] =>
  layers.dense({ units, ...more });

for (const [why, make] of Object.entries({
  "of type GaussianNoise is random": () =>
    sequential({
      layers: [layers.gaussianNoise({ stddev: 1, inputShape: [3] } as never), dense(1)],
    }),
  "has the option dropout": () =>
    sequential({
      layers: [
        layers.reshape({ targetShape: [3, 1], inputShape: [3] }),
        layers.gru({ units: 2, dropout: 0.5, recurrentInitializer: "zeros" }),
        dense(1),
      ],
    }),
  "has a kernel_constraint": () =>
    sequential({
      layers: [dense(1, { inputShape: [3], kernelConstraint: constraints.nonNeg() })],
    }),
  "without scale or center": () =>
    sequential({
      layers: [layers.batchNormalization({ scale: false, inputShape: [3] }), dense(1)],
    }),
  "has the inputs \\[rows, 3, 2\\]": () =>
    sequential({ layers: [layers.flatten({ inputShape: [3, 2] }), dense(1)] }),
  "has the outputs \\[rows, 2\\]": () =>
    sequential({ layers: [dense(2, { inputShape: [3], activation: "elu" })] }),
  "no weights that are trained": () =>
    sequential({ layers: [dense(1, { inputShape: [3], trainable: false })] }),
  "wasm cannot train this model": () =>
    sequential({
      layers: [
        layers.reshape({ targetShape: [3, 1], inputShape: [3] }),
        layers.conv1d({ filters: 2, kernelSize: 2 }),
        layers.flatten(),
        dense(1),
      ],
    }),
})) {
  test(
    `a model that cannot be trained is refused: ${why}`,
    inFolder(async (folder) => {
      await chooseBackend("wasm");
      const model = make();
      const out = path.join(folder, "run");
      const tensors = memory().numTensors;
      const error = await train(dataset, { out, model, backend: "wasm" }).catch(String);
      assert.match(String(error), new RegExp(why));
      assert.equal(await readdir(folder), [], "nothing is written");
      // TensorFlow.js keeps what it had for a gradient that it could not end.
      if (!why.includes("wasm")) assert.is(memory().numTensors, tensors);
      model.dispose();
    }),
  );
}

test(
  "gradient descent refuses what depends on the batch",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const out = path.join(folder, "run");
    const error = await train(dataset, { out, model, optimizer: "gradient-descent" }).catch(String);
    assert.match(String(error), /BatchNormalization or Dropout.*choose another optimizer/);
    model.dispose();
  }),
);

test(
  "hostile descriptions of other layers are refused before memory is taken or a file read",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const { dir } = await train(dataset, { epochs: 0, out: path.join(folder, "run"), model });
    model.dispose();
    const good = path.join(dir, "model");
    const json = JSON.parse(await readFile(path.join(good, "model.json"), "utf8"));
    const tensors = memory().numTensors;
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    // `any`, since each case damages another part of the parsed file.
    // oxlint-disable-next-line typescript/no-explicit-any
    async function refused(change: (json: any, layers: any) => void, pattern: RegExp) {
      const bad = path.join(folder, "bad");
      await cp(good, bad, { recursive: true, force: true });
      const changed = structuredClone(json);
      change(changed, changed.modelTopology.config.layers);
      await writeFile(
        path.join(bad, "model.json"),
        JSON.stringify(changed).replace('"DEEP"', deep),
      );
      assert.match(String(await loadModel(bad).catch(String)), pattern);
      assert.is(memory().numTensors, tensors, String(pattern));
    }
    await refused((m) => (m.weightsManifest[0].paths = ["../x"]), /must be a file beside it/);
    await refused(
      (m) => (m.weightsManifest[0].weights[0].shape = [2 ** 40, 9]),
      /should be \d+ by/,
    );
    await refused((_, all) => (all[1].config.units = 1e9), /more weights than it has/);
    await refused(
      (_, all) => (all[1].class_name = "Lambda"),
      /type Lambda, which TensorFlow.js does/,
    );
    await refused((_, all) => (all[1].class_name = "constructor"), /type constructor, which/);
    await refused((_, all) => (all[1].config.activation = "constructor"), /the name constructor/);
    await refused((_, all) => (all[1].config.activation = "eval('1')"), /no model that TensorFlow/);
    await refused((_, all) => (all[0].config.batch_input_shape = [null, 1e9]), /more weights than/);
    await refused(
      (_, all) => (all[1].config.deep = "DEEP"),
      /no model that TensorFlow.js can make/,
    );
    await refused((_, all) => delete all[2].inbound_nodes, /no model that TensorFlow.js can make/);
    // TensorFlow.js would search for ever for inputs that are not there, or that depend on each other.
    await refused((_, all) => (all[0].name = "else"), /is malformed|that no layer makes/);
    await refused((_, all) => (all[1].inbound_nodes[0][0][0] = "else"), /of "else" that no layer/);
    await refused((_, all) => (all[1].inbound_nodes[0][0][1] = 1), /that no layer makes/);
    await refused((_, all) => {
      all[1].inbound_nodes[0][0][0] = all.at(-1).name;
    }, /that no layer makes/);
    await refused((_, all) => (all[2].inbound_nodes = [[]]), /one of its layers is malformed/);
    await refused((_, all) => all.push(all[1]), /two layers of one name/);
    // Other spellings of keys, which TensorFlow.js reads as well, would pass unchecked.
    await refused((_, all) => {
      all[1].inboundNodes = all[1].inbound_nodes;
    }, /the key "inboundNodes"/);
    await refused((m) => (m.weightsManifest[0].weights[0].name = "else"), /do not fit each other/);
    await refused((_, all) => {
      const repeat = { name: "much", n: 1e8, trainable: true };
      all.splice(1, all.length - 1, {
        class_name: "RepeatVector",
        name: "much",
        config: repeat,
        inbound_nodes: [[[all[0].name, 0, 0, {}]]],
      });
      json.modelTopology.config.output_layers = [["much", 0, 0]];
    }, /no model that|has the outputs|numbers for each row/);
  }),
);

test.run();
