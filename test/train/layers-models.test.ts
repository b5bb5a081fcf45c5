import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { dispose, io, memory, tensor, tensor2d } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import {
  constraints,
  input,
  layers,
  loadLayersModel,
  model as functional,
  regularizers,
  sequential,
} from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { assert, test } from "../helpers/test.js";
import { landscape } from "../../src/landscape/index.js";
import { loadModel, saveNetwork } from "../../src/model/index.js";
import { chooseBackend } from "../../src/backend/index.js";
import { evaluate, openRun, predict, train } from "../../src/train/index.js";
import type { LayersNetwork, Network } from "../../src/model/index.js";
import type { TrainOptions } from "../../src/train/index.js";
import { branchedModel, drawn } from "../helpers/branched-model.js";
import { inFolder } from "../helpers/folder.js";
import { linearData, memoryDataset } from "../helpers/memory-dataset.js";

const rows = 400;
const { x, y } = linearData(rows, [1, -2, 0.5], 0.1);
const dataset = memoryDataset(x, y);

/** Two branches that are put together, batch normalisation and dropout. */
const branched = (): LayersModel => branchedModel(3);

/** What tf.loadLayersModel makes of a folder. */
async function loadedByTfjs(dir: string): Promise<LayersModel> {
  const json = JSON.parse(await readFile(path.join(dir, "model.json"), "utf8"));
  const bytes = await readFile(path.join(dir, json.weightsManifest[0].paths[0]));
  return loadLayersModel(
    io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: Uint8Array.from(bytes).buffer,
    }),
  );
}

function predictionsOf(model: LayersModel, values: Float32Array = x): number[] {
  const given = tensor2d(values, [values.length / 3, 3]);
  const made = model.predict(given) as Tensor2D;
  const found = [...made.dataSync()];
  given.dispose();
  made.dispose();
  return found;
}

async function predictedBy(dir: string): Promise<number[]> {
  const found: number[] = [];
  for await (const part of predict(dir, dataset)) found.push(...part);
  return found;
}

function near(found: ArrayLike<number>, expected: ArrayLike<number>, bound: number): void {
  assert.is(found.length, expected.length);
  for (let at = 0; at < found.length; at++) {
    const off = Math.abs(found[at]! - expected[at]!);
    assert.ok(off <= bound * Math.max(1, Math.abs(expected[at]!)), `${found[at]}, ${expected[at]}`);
  }
}

const options = {
  optimizer: "adam",
  learningRate: 0.02,
  batchSize: 64,
  epochs: 6,
  checkpointEvery: "5steps",
} as const;

test(
  "a model of branches, batch normalisation and dropout trains, is used, and is what tfjs reads",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const before = predictionsOf(model);
    const out = path.join(folder, "run");
    const run = await train(dataset, { ...options, out, model });
    assert.equal(predictionsOf(model), before, "the model that was given stays as it is");
    assert.is(run.record.engine, "tensor");
    assert.is(run.record.options.gradients, "autodiff");
    assert.equal(run.record.layers, [3, 6, 4, 6, 1]);
    // 3·6 + 6, 3·4 + 4, four vectors of 6, 10 at the end.
    assert.is(run.record.parameters, 18 + 6 + 12 + 4 + 24 + 10);
    const { loss } = await evaluate(run, dataset);
    const start = before.reduce((sum, value, row) => sum + (value - y[row]!) ** 2, 0) / rows;
    assert.ok(loss < 0.3 * start, `${loss} after ${start}`);

    const loaded = await loadedByTfjs(path.join(out, "model"));
    assert.equal(
      loaded.layers.map(({ name }) => name),
      model.layers.map(({ name }) => name),
    );
    const predicted = await predictedBy(out);
    near(predicted, predictionsOf(loaded), 1e-6);
    near([loss], [predicted.reduce((sum, p, row) => sum + (p - y[row]!) ** 2, 0) / rows], 1e-5);
    const weights = (await run.weights()) as LayersNetwork;
    const named = new Map(weights.weights.map((weight) => [weight.name, weight]));
    assert.is(named.get("normal/moving_mean")?.trainable, false);
    assert.ok(named.get("normal/moving_mean")!.values.some((value) => Math.abs(value) > 0.01));
    assert.match(String(await run.network().catch(String)), /no plain chain of dense layers/);
    const again = await run.model();
    near(predictionsOf(again), predicted, 1e-6);
    // The same weights make the same bytes.
    await saveNetwork(path.join(folder, "copy"), weights);
    for (const file of ["model.json", "weights.bin"]) {
      const [one, two] = await Promise.all(
        [path.join(out, "model"), path.join(folder, "copy")].map((dir) =>
          readFile(path.join(dir, file), "hex"),
        ),
      );
      assert.is(one, two);
    }
    for (const one of [model, loaded, again]) one.dispose();
  }),
);

test(
  "the same seed gives the same bits, resumed or not, another seed others; no tensor is left",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    await train(dataset, { ...options, epochs: 0, out: path.join(folder, "start"), model });
    const file = path.join(folder, "start", "initial", "model.json");
    const tensors = memory().numTensors;
    const weightsOf = async (name: string, more: Partial<TrainOptions> = {}): Promise<Network> =>
      (
        await train(dataset, { ...options, out: path.join(folder, name), model: file, ...more })
      ).weights();
    const whole = await weightsOf("whole");
    assert.equal(await weightsOf("again"), whole);
    assert.not.equal(await weightsOf("other", { seed: 7 }), whole);

    const controller = new AbortController();
    const stopped = memoryDataset(x, y, {
      beforeBatch: ({ epoch, index }) => {
        if (epoch === 3 && index === 2) controller.abort();
      },
    });
    const out = path.join(folder, "stopped");
    const { signal } = controller;
    const error = await train(stopped, { ...options, out, model: file, signal }).catch(String);
    assert.match(String(error), /interrupted after step \d+ of 42/);
    // From a checkpoint in the middle, as after a kill.
    const kept = (await readdir(path.join(out, "checkpoints"))).toSorted().at(-1)!;
    await rm(path.join(out, "checkpoints", kept), { recursive: true });
    const resumed = await train(dataset, { out, resume: true });
    assert.equal(await resumed.weights(), whole);
    assert.equal(
      (await resumed.history()).map(({ step }) => step),
      Array.from({ length: 42 }, (_, at) => at + 1),
    );
    const snapshot = (await loadModel(path.join(out, "path", "step-42"))) as LayersNetwork;
    assert.equal(snapshot, whole);
    assert.is(memory().numTensors, tensors);
    model.dispose();
  }),
);

test(
  "landscapes of any model: the losses at every point are those of tfjs",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const out = path.join(folder, "run");
    const run = await train(dataset, { ...options, out, model });
    model.dispose();
    const trained = await loadedByTfjs(path.join(out, "model"));
    for (const [name, along] of [
      ["random", { along: "random", normalize: "filter" }],
      ["points", { along: "random-points" }],
      ["gradient", { along: "gradient" }],
      ["path", { along: "path", plane: true, points: [5, 3] }],
      ["model", { along: `model:${path.join(out, "initial")}` }],
    ] as const) {
      const made = await landscape(run, {
        dataset,
        points: 5,
        batches: 2,
        batchSize: 100,
        scale: name === "model" ? 1 : 0.5,
        out: path.join(folder, name),
        ...along,
      });
      assert.is(made.record.method, "batched-forward");
      const { centre, directions } = await made.axes();
      const networks = [centre, ...directions] as LayersNetwork[];
      const variables = trained.weights;
      for (const { values, trainable } of networks.slice(1).flatMap(({ weights }) => weights)) {
        assert.ok(trainable || name === "model" || values.every((value) => value === 0));
      }
      const { alphas, betas = [0] } = made.record;
      for (const { slice, batch, losses } of await made.curves()) {
        for (const [point, alpha] of alphas.entries()) {
          const beta = betas[slice]!;
          const values = variables.map(({ shape }, index) => {
            const [at, along1, along2] = networks.map(({ weights }) => weights[index]!.values);
            const moved = at!.map(
              (value, place) => value + alpha * along1![place]! + beta * (along2?.[place] ?? 0),
            );
            return tensor(moved, shape as number[]);
          });
          trained.setWeights(values);
          dispose(values);
          const part = x.subarray(batch * 300, (batch + 1) * 300);
          const expected =
            predictionsOf(trained, part).reduce(
              (sum, value, row) => sum + (value - y[batch * 100 + row]!) ** 2,
              0,
            ) / 100;
          near([losses[point]!], [expected], 1e-5);
        }
      }
    }
    trained.dispose();
  }),
);

test(
  "the gradient's direction is that of finite differences, and a step along it lowers the loss",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const run = await train(dataset, {
      ...options,
      epochs: 1,
      out: path.join(folder, "run"),
      model,
    });
    const made = await landscape(run, {
      dataset,
      along: "gradient",
      batches: 1,
      batchSize: rows,
      points: 3,
      scale: 1e-3,
      out: path.join(folder, "gradient"),
    });
    const [curve] = await made.curves();
    const { losses } = curve!;
    const slope = (losses[2]! - losses[0]!) / 2e-3;
    const squared = made.record.directionNorms[0]! ** 2;
    // Along the gradient the loss rises by its squared length.
    assert.ok(Math.abs(slope / squared - 1) < 0.01, `${slope} for ${squared}`);
    model.dispose();
  }),
);

/** A linear model that starts at zero, with l2·‖w‖² in its loss. */
function penalized(l2: number): LayersModel {
  return sequential({
    layers: [
      layers.dense({
        units: 1,
        inputShape: [3],
        useBias: false,
        kernelInitializer: "zeros",
        ...(l2 > 0 && { kernelRegularizer: regularizers.l2({ l2 }) }),
      }),
    ],
  });
}

test(
  "regularizers pull weights towards zero and stay out of the loss",
  inFolder(async (folder) => {
    await chooseBackend("cpu");
    const shared = {
      optimizer: "gradient-descent",
      learningRate: 0.1,
      epochs: 300,
      batchSize: 100,
      backend: "cpu",
    } as const;
    const plain = penalized(0);
    const ridge = penalized(0.5);
    const free = await train(dataset, { ...shared, out: path.join(folder, "0"), model: plain });
    const held = await train(dataset, { ...shared, out: path.join(folder, "1"), model: ridge });
    // The minimum of mean((Xw − y)²) + l2·‖w‖² is that of ridge regression with λ = l2·N.
    const closed = await train(dataset, {
      out: path.join(folder, "2"),
      optimizer: "closed-form",
      ridge: 0.5 * rows,
      backend: "cpu",
    });
    const [found] = ((await held.weights()) as LayersNetwork).weights;
    near(found!.values, closed.record.result!.weights!, 1e-5);
    assert.is(free.record.engine, "gradient-descent");
    near([held.record.result!.loss!], [(await evaluate(held, dataset)).loss], 1e-4);
    plain.dispose();
    ridge.dispose();
  }),
);

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
    assert.match(String(error), /BatchNormalization or Dropout.*choose another --optimizer/);
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
    }, /no model that|has the outputs|numbers of each row/);
  }),
);

test(
  "dropout leaves out other numbers in every step, the rate's part of them",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = sequential({
      layers: [
        layers.dropout({ rate: 0.25, inputShape: [1] }),
        layers.dense({ units: 1, useBias: false, kernelInitializer: "ones" }),
      ],
    });
    // A one that is kept becomes 4/3, whose square is the loss of its row; 0 is that of the others.
    const ones = memoryDataset(new Float32Array(1000).fill(1), new Float32Array(1000));
    const shared = { model, batchSize: 500, epochs: 20, learningRate: 1e-30 };
    const run = await train(ones, { ...shared, out: path.join(folder, "run") });
    const kept = (await run.history()).map(({ loss }) => Math.round((loss * 500) / (4 / 3) ** 2));
    assert.is(kept.length, 40);
    assert.ok(new Set(kept).size > 15, kept.join(" "));
    const mean = kept.reduce((sum, count) => sum + count, 0) / 40;
    // Five standard deviations of the mean of 40 draws of 500.
    assert.ok(Math.abs(mean - 375) < (5 * Math.sqrt(500 * 0.75 * 0.25)) / Math.sqrt(40), `${mean}`);
    assert.ok((await evaluate(run, ones)).loss > 0.999, "nothing is left out of predictions");
    model.dispose();
  }),
);

test(
  "layers that a model uses twice, with other shapes, and models within models",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const rowsOf3 = input({ shape: [3] });
    const shared = layers.activation({ activation: "softsign", name: "shared" });
    const twice = layers.dense({ ...drawn(1), units: 3, name: "twice" });
    const one = shared.apply(twice.apply(twice.apply(rowsOf3)));
    const inner = sequential({
      name: "inner",
      layers: [layers.dense({ ...drawn(2), units: 2, inputShape: [3], name: "within" })],
    });
    const two = shared.apply(inner.apply(one));
    const out = layers.dense({ ...drawn(3), units: 1, name: "out" }).apply(two);
    const model = functional({ inputs: rowsOf3, outputs: out as never });
    const run = await train(dataset, { ...options, out: path.join(folder, "run"), model });
    assert.is(run.record.parameters, 12 + 8 + 3);
    const loaded = await loadedByTfjs(path.join(folder, "run", "model"));
    near(await predictedBy(run.dir), predictionsOf(loaded), 1e-6);
    const history = await run.history();
    assert.ok(history.at(-1)!.loss < 0.8 * history[0]!.loss);
    loaded.dispose();
    model.dispose();
  }),
);

test(
  "a model that is no chain of plain dense layers keeps its frozen layers",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = sequential({
      layers: [
        dense(4, { inputShape: [3], activation: "relu", trainable: false, name: "frozen" }),
        dense(1, { name: "free" }),
      ],
    });
    const out = path.join(folder, "run");
    const run = await train(dataset, { ...options, out, model });
    const before = (await loadModel(path.join(out, "initial"))) as LayersNetwork;
    const after = (await (await openRun(out)).weights()) as LayersNetwork;
    for (const [index, { name, values }] of before.weights.entries()) {
      const same = after.weights[index]!.values.every((value, at) => value === values[at]);
      assert.is(same, name.startsWith("frozen"), name);
    }
    assert.is(run.record.status, "done");
    model.dispose();
  }),
);

test.run();
