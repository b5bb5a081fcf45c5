import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import {
  input,
  layers,
  model as functional,
  regularizers,
  sequential,
} from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { chooseBackend } from "../../src/backend/index.js";
import { loadModel, saveNetwork } from "../../src/model/index.js";
import type { LayersNetwork, Network } from "../../src/model/index.js";
import { evaluate, openRun, train } from "../../src/train/index.js";
import type { TrainOptions } from "../../src/train/index.js";
import { drawn } from "../helpers/branched-model.js";
import { inFolder } from "../helpers/folder.js";
import {
  branched,
  dataset,
  loadedByTfjs,
  near,
  options,
  predictedBy,
  predictionsOf,
  rows,
  x,
  y,
} from "../helpers/layers-models.js";
import { memoryDataset } from "../helpers/memory-dataset.js";
import { assert, test } from "../helpers/test.js";

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
    assert.match(String(await run.network().catch(String)), /not a plain chain of dense layers/);
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

const dense = (units: number, more: object = {}): LayersModel["layers"][number] =>
  layers.dense({ units, ...more });

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
