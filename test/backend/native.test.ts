import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import { assert, test } from "../helpers/test.js";
import { createEngine } from "../../src/train/engine/engine.js";
import type { EngineSpec } from "../../src/train/engine/types.js";
import { initialNetwork, parseInit } from "../../src/model/index.js";
import { chooseBackend, currentBackend, listBackends } from "../../src/backend/index.js";
import { train } from "../../src/train/index.js";
import type { Activation, DenseNetwork } from "../../src/model/index.js";
import type { BatchRows } from "../../src/model/gradients.js";
import {
  arrayAlgebra,
  OPTIMIZER_DEFAULTS,
  STEP_OPTIMIZERS,
  updateParameters,
} from "../../src/train/optimizers/index.js";
import { generate } from "../../src/index.js";
import { inFolder } from "../helpers/folder.js";
import { endsAsUndisturbed } from "../helpers/killed-run.js";
import { linearData, memoryDataset } from "../helpers/memory-dataset.js";
import { vadi } from "../cli/vadi.js";
import { withoutChecksums } from "../helpers/without-checksums.js";

/*
 * Training on native TensorFlow, where TEST_BACKENDS_FOLDER names a folder into which `vadi backend
 * install native` has installed it; skipped where it does not.
 */

const folder = process.env["TEST_BACKENDS_FOLDER"];
if (folder !== undefined) {
  process.env["VADI_BACKENDS_FOLDER"] = path.resolve(folder);
  if (!existsSync(path.join(folder, "native", "backend.json"))) {
    throw new Error(`TEST_BACKENDS_FOLDER is ${folder}, but native is not installed there.`);
  }
}
const nativeTest: typeof test.skip = folder === undefined ? test.skip : test;

const FEATURES = 5;
const ROWS = 300;
const { x, y } = linearData(ROWS, [1, -2, 0.5, 0.1, 3], 0.1);

function network(activation: Activation, bias: boolean): DenseNetwork {
  const layers = initialNetwork([FEATURES, 8, 4, 1], parseInit("uniform"), 7);
  return layers.map((layer, index) => ({
    ...layer,
    activation: index === 2 ? "linear" : activation,
    ...(bias && { bias: Float32Array.from({ length: layer.outputs }, (_, at) => 0.01 * at) }),
  }));
}

function specOf(model: DenseNetwork, more: Partial<EngineSpec> = {}): EngineSpec {
  return {
    model: { kind: "dense", network: model },
    optimizer: { name: "sgd", ...OPTIMIZER_DEFAULTS },
    clipNorm: undefined,
    gradients: "explicit",
    ...more,
  };
}

/** Gradient of the loss in every parameter: what one step of SGD with learning rate 1 takes away. */
async function gradientsBy(
  backend: string,
  engineName: string,
  spec: EngineSpec,
): Promise<number[]> {
  const engine = await createEngine(spec, backend, engineName);
  const before = (await engine.export()).weights;
  await engine.step({ x, y, rows: ROWS }, { learningRate: 1, measure: false });
  const after = (await engine.export()).weights;
  await engine.dispose();
  return before.flatMap((values, at) => [...values].map((value, i) => value - after[at]![i]!));
}

function isClose(actual: readonly number[], expected: readonly number[], relative: number): void {
  const scale = Math.max(...expected.map(Math.abs));
  assert.is(actual.length, expected.length);
  for (const [at, value] of actual.entries()) {
    const error = Math.abs(value - expected[at]!) / scale;
    assert.ok(error <= relative, `number ${at}: ${value}, not ${expected[at]}`);
  }
}

nativeTest("the command lists it, with its version and threads, and auto takes it", async () => {
  const backends = await listBackends();
  const native = backends.find(({ name }) => name === "tfjs-node")!;
  assert.is(native.reason, null);
  assert.ok(native.available);
  assert.match(native.version!, /^TensorFlow 2\.21\.\d, tfjs-node 4\.22\.0$/);
  assert.match(native.device!, /^CPU, \d+ threads?$/);
  const env = { VADI_BACKENDS_FOLDER: process.env["VADI_BACKENDS_FOLDER"]! };
  const { code, stdout, stderr } = await vadi(["backend", "--json"], { env });
  assert.is(code, 0, stderr);
  const listed = JSON.parse(stdout) as { backends: typeof backends };
  assert.equal(listed.backends, backends);
  assert.is(await chooseBackend("auto"), "tfjs-node");
  assert.match(currentBackend()!.reason, /^native TensorFlow/);
});

nativeTest("the other TensorFlow is not here, and its absence names its command", async () => {
  try {
    await chooseBackend("tfjs-node-gpu");
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), "tfjs-node-gpu is not installed; run vadi backend install gpu.");
  }
});

for (const activation of ["linear", "relu", "tanh", "sigmoid"] satisfies Activation[]) {
  for (const bias of [false, true]) {
    nativeTest(
      `gradients of ${activation}${bias ? " with biases" : ""} are tfjs's own`,
      async () => {
        const model = network(activation, bias);
        await chooseBackend("cpu");
        const expected = await gradientsBy("cpu", "tensor", {
          ...specOf(model),
          gradients: "autodiff",
        });
        await chooseBackend("tfjs-node");
        isClose(await gradientsBy("tfjs-node", "graph", specOf(model)), expected, 1e-5);
      },
    );
  }
}

nativeTest("gradients of a linear model are tfjs's own", async () => {
  const model = initialNetwork([FEATURES, 1], parseInit("uniform"), 7);
  await chooseBackend("cpu");
  const expected = await gradientsBy("cpu", "tensor", { ...specOf(model), gradients: "autodiff" });
  await chooseBackend("tfjs-node");
  isClose(await gradientsBy("tfjs-node", "graph", specOf(model)), expected, 1e-5);
});

nativeTest(
  "a batch that is cut into parts has tfjs's own gradients, and every graph goes",
  async () => {
    const rows = 9000;
    const large = { ...linearData(rows, [1, -2, 0.5, 0.1, 3], 0.1), rows };
    const step = { learningRate: 1, measure: true };
    const spec = specOf(network("relu", true));
    async function stepped(backend: "cpu" | "tfjs-node", batches: readonly BatchRows[]) {
      await chooseBackend(backend);
      const engine = await createEngine(spec, backend, backend === "cpu" ? "tensor" : "graph");
      const state = await engine.export();
      const found = [];
      for (const batch of batches) {
        engine.restore(state);
        const loss = (await engine.step(batch, step))!;
        const { weights } = await engine.export();
        found.push({ loss, change: weights.flatMap((values) => [...values]) });
      }
      await engine.dispose();
      return found;
    }
    const batches = [large, { x, y, rows: ROWS }, { ...large, rows: 4003 }, large];
    const expected = await stepped("cpu", batches);
    await chooseBackend("tfjs-node");
    const before = memory().numTensors;
    const found = await stepped("tfjs-node", batches);
    assert.is(memory().numTensors, before, "no tensor is left");
    for (const [at, { loss, change }] of expected.entries()) {
      isClose([found[at]!.loss], [loss], 1e-6);
      isClose(found[at]!.change, change, 1e-5);
    }
    assert.equal(found[3], found[0], "the same whatever came between");
  },
);

nativeTest("every optimiser takes the steps of its equations, clipped and decayed", async () => {
  await chooseBackend("tfjs-node");
  const model = network("relu", true);
  for (const name of STEP_OPTIMIZERS) {
    const optimizer = { ...OPTIMIZER_DEFAULTS, name, weightDecay: 0.1 };
    const engine = await createEngine(specOf(model, { optimizer, clipNorm: 0.5 }), "tfjs-node");
    assert.is(engine.name, "graph");
    let { weights, slots } = await engine.export();
    for (let step = 1; step <= 3; step++) {
      // The same gradients, by arrays, from the same weights.
      const current = model.map((layer, at) => ({
        ...layer,
        weights: weights[2 * at]!,
        bias: weights[2 * at + 1]!,
      }));
      const flat = await gradientsBy("tfjs-node", "graph", specOf(current));
      let from = 0;
      const gradients = weights.map(({ length }) =>
        Float32Array.from(flat.slice(from, (from += length))),
      );
      const expected = updateParameters(
        arrayAlgebra,
        optimizer,
        { weights, slots: Object.values(slots) },
        gradients,
        { step, learningRate: 0.01, clipNorm: 0.5 },
      );
      await engine.step({ x, y, rows: ROWS }, { learningRate: 0.01, measure: false });
      ({ weights, slots } = await engine.export());
      const tolerance = name === "adam" || name === "rmsprop" ? 1e-3 : 1e-5;
      for (const [at, values] of expected.weights.entries()) {
        isClose([...weights[at]!], [...values], tolerance);
      }
    }
    await engine.dispose();
  }
});

nativeTest("a state goes on where it was exported, bit for bit, and no tensor stays", async () => {
  await chooseBackend("tfjs-node");
  const optimizer = { ...OPTIMIZER_DEFAULTS, name: "adam" as const };
  const spec = specOf(network("relu", true), { optimizer });
  const batch = { x, y, rows: ROWS };
  const options = { learningRate: 0.01, measure: false };
  const before = memory().numTensors;
  const first = await createEngine(spec, "tfjs-node");
  for (let step = 0; step < 5; step++) await first.step(batch, options);
  const middle = await first.export();
  const during = memory().numTensors;
  for (let step = 0; step < 5; step++) await first.step(batch, options);
  assert.is(memory().numTensors, during, "steps leave no tensor");
  const second = await createEngine(spec, "tfjs-node");
  second.restore(middle);
  for (let step = 0; step < 5; step++) await second.step(batch, options);
  assert.equal(await second.export(), await first.export());
  await first.dispose();
  await second.dispose();
  assert.is(memory().numTensors, before);
});

nativeTest(
  "a run on it has its name, threads and the same bytes twice; its loss is wasm's",
  inFolder(async (out) => {
    const dataset = memoryDataset(x, y);
    const runOn = async (name: string, backend: "tfjs-node" | "wasm"): Promise<Buffer> => {
      const dir = path.join(out, name);
      const options = { model: "mlp", epochs: 20, batchSize: 50, learningRate: 0.01, seed: 3 };
      await train(dataset, { ...options, out: dir, backend });
      return readFile(path.join(dir, "model", "weights.bin"));
    };
    const first = await runOn("first", "tfjs-node");
    assert.equal(await runOn("second", "tfjs-node"), first);
    const wasm = await runOn("wasm", "wasm");
    const read = async (name: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(path.join(out, name, "run.json"), "utf8")) as never;
    const [native, portable] = [await read("first"), await read("wasm")];
    assert.is(native["backend"], "tfjs-node");
    assert.is(native["threads"], currentThreads());
    assert.ok(Math.abs(lossOf(native) / lossOf(portable) - 1) < 1e-3);
    assert.is(wasm.length, first.length);
  }),
);

for (const [name, { rows, words }] of Object.entries({
  "one graph": {
    rows: 6000,
    words: "--model mlp --optimizer adam --bias --batch-size 100 --epochs 5",
  },
  "graphs of several parts and of one": {
    rows: 30_000,
    words: "--model mlp --optimizer momentum --batch-size 4100 --epochs 20",
  },
  "automatic differentiation": {
    rows: 6000,
    words: "--model linear --optimizer rmsprop --gradients autodiff --batch-size 100 --epochs 5",
  },
})) {
  nativeTest(
    `a run on it by ${name} that is killed at random moments ends as if nothing had happened`,
    inFolder(async (place) => {
      await generate({ kind: "lsm", out: path.join(place, "data"), rows });
      const fixed = "--checkpoint-every 23steps --backend tfjs-node";
      await endsAsUndisturbed(place, `${words} ${fixed}`.split(" "));
    }),
  );
}

nativeTest(
  "a run whose batches have a part for every core keeps operations to a thread, and goes on so",
  inFolder(async (place) => {
    await generate({ kind: "lsm", out: path.join(place, "data"), rows: 70_000 });
    const record = async (run: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(path.join(place, run, "run.json"), "utf8")) as never;
    const command = "train data --model mlp --backend tfjs-node --epochs 2".split(" ");
    const cores = availableParallelism();
    const env = { TF_NUM_INTRAOP_THREADS: undefined };
    for (const { size, threads } of [
      { size: 1000, threads: cores },
      { size: 70_000, threads: cores <= 16 ? 1 : cores },
    ]) {
      const out = `of-${size}`;
      const words = [...command, "--batch-size", String(size), "--out", out];
      const { code, stderr } = await vadi(words, { cwd: place, env });
      assert.is(code, 0, stderr);
      assert.is((await record(out))["threads"], threads);
    }
    // What the environment says goes first, and is another way to compute.
    const again = ["train", "data", "--out", "of-70000", "--resume", "--epochs", "4"];
    const other = await vadi(again, { cwd: place, env: { TF_NUM_INTRAOP_THREADS: "3" } });
    assert.is(other.code, 1);
    assert.match(other.stderr, /was trained on the backend tfjs-node \(engine graph, 1 thread\)/);
    assert.is((await vadi(again, { cwd: place, env })).code, 0);
    assert.is((await record("of-70000"))["threads"], cores <= 16 ? 1 : cores);
  }),
);

nativeTest(
  "TensorFlow computes with as many threads as the record says, where it would count other cores",
  inFolder(async (place) => {
    await generate({ kind: "lsm", out: path.join(place, "data"), rows: 9000 });
    // As in a container, whose share of the cores Node heeds and TensorFlow does not.
    const preload = path.join(place, "one-core.cjs");
    await writeFile(
      preload,
      'require("node:os").availableParallelism = () => 1; require("node:module").syncBuiltinESMExports();',
    );
    const command =
      "train data --model mlp:64,32 --gradients autodiff --batch-size 9000 --backend tfjs-node";
    const weights = async (threads: number, env: Record<string, string>): Promise<Buffer> => {
      const out = Object.keys(env).join() + threads;
      const { code, stderr } = await vadi([...command.split(" "), "--out", out], {
        cwd: place,
        env: { TF_NUM_INTRAOP_THREADS: undefined, ...env },
      });
      assert.is(code, 0, stderr);
      const record = await readFile(path.join(place, out, "run.json"), "utf8");
      assert.is((JSON.parse(record) as { threads: number }).threads, threads);
      return readFile(path.join(place, out, "model", "weights.bin"));
    };
    const one = await weights(1, { TF_NUM_INTRAOP_THREADS: "1" });
    assert.not.equal(await weights(2, { TF_NUM_INTRAOP_THREADS: "2" }), one, "the bits tell");
    assert.equal(await weights(1, { NODE_OPTIONS: `--require=${preload}` }), one);
  }),
);

nativeTest("a start leaves the environment's number of threads to other processes", async () => {
  const before = process.env["TF_NUM_INTRAOP_THREADS"];
  await chooseBackend("tfjs-node", { operationThreads: 1 });
  assert.is(process.env["TF_NUM_INTRAOP_THREADS"], before);
});

nativeTest(
  "what goes on here from another backend starts as it would by itself, whatever a record says",
  inFolder(async (place) => {
    await generate({ kind: "lsm", out: path.join(place, "data"), rows: 70_000 });
    const env = { TF_NUM_INTRAOP_THREADS: undefined };
    const file = path.join(place, "run", "run.json");
    const threads = async (): Promise<number> =>
      (JSON.parse(await readFile(file, "utf8")) as { threads: number }).threads;
    const begun = "train data --model mlp --batch-size 70000 --backend wasm --out run".split(" ");
    assert.is((await vadi(begun, { cwd: place, env })).code, 0);
    const again = "train data --out run --resume --epochs".split(" ");
    const other = [...again, "2", "--backend", "tfjs-node", "--other-backend"];
    const { code, stderr } = await vadi(other, { cwd: place, env });
    assert.is(code, 0, stderr);
    const own = availableParallelism() <= 16 ? 1 : availableParallelism();
    assert.is(await threads(), own);
    const record = await readFile(file, "utf8");
    await withoutChecksums(path.join(place, "run"));
    await writeFile(file, record.replace(/"threads": \d+/, '"threads": 1000000000'));
    const refused = await vadi([...again, "3"], { cwd: place, env });
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /engine graph, 1000000000 threads\), but would resume on/);
  }),
);

nativeTest(
  "a folder for temporary files that is not there is named, and the run can go on with another",
  inFolder(async (place) => {
    await generate({ kind: "lsm", out: path.join(place, "data"), rows: 6000 });
    const command = "train data --model mlp --backend tfjs-node --epochs 2 --out".split(" ");
    const missing = path.join(place, "missing");
    const failed = await vadi([...command, "run"], { cwd: place, env: { TMPDIR: missing } });
    assert.is(failed.code, 1);
    assert.match(failed.stderr, `the folder for temporary files, ${missing} (`);
    assert.match(failed.stderr, "name a folder that can be written to by TMPDIR");
    const resumed = await vadi(["train", "data", "--out", "run", "--resume"], { cwd: place });
    assert.is(resumed.code, 0, resumed.stderr);
    assert.is((await vadi([...command, "whole"], { cwd: place })).code, 0);
    const weights = (run: string): Promise<Buffer> =>
      readFile(path.join(place, run, "model", "weights.bin"));
    assert.equal(await weights("run"), await weights("whole"));
  }),
);

function lossOf(run: Record<string, unknown>): number {
  return (run["result"] as { loss: number }).loss;
}

/** What TensorFlow computes with, as the list says. */
function currentThreads(): number {
  const given = Number(process.env["TF_NUM_INTRAOP_THREADS"]);
  return given > 0 ? given : availableParallelism();
}

test.run();
