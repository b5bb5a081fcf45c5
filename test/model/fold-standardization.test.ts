import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { io, tensor2d } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { initializers, layers, loadLayersModel, sequential } from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { assert, test } from "../helpers/test.js";
import { evaluate, generate, landscape, predict, train } from "../../src/index.js";
import type { Dataset, TrainOptions } from "../../src/index.js";
import { openDataset } from "../../src/stream/index.js";
import { initialNetwork, networkToModel } from "../../src/model/index.js";
import { chooseBackend } from "../../src/backend/index.js";
import { inFolder } from "../helpers/folder.js";
import { normals } from "../helpers/memory-dataset.js";
import { runSql } from "../storage/duck.js";

/** A table whose columns have means and scales of their own. */
async function table(folder: string): Promise<Dataset> {
  const normal = normals(7);
  const lines = Array.from({ length: 600 }, () => {
    const [a, b, c] = [50 + 10 * normal(), -3 + 0.1 * normal(), 1000 * normal()];
    return `${a},${b},${c},${200 + 3 * a - 40 * b + 0.02 * c + normal()}`;
  });
  const csv = path.join(folder, "table.csv");
  const file = path.join(folder, "table.parquet");
  await writeFile(csv, `a,b,c,y\n${lines.join("\n")}\n`);
  await runSql(`copy (from read_csv('${csv}')) to '${file}'`);
  return openDataset(file, { target: "y" });
}

/** What tf.loadLayersModel's model makes of rows as they are. */
async function byTfjs(dir: string, dataset: Dataset): Promise<number[]> {
  const json = JSON.parse(await readFile(path.join(dir, "model.json"), "utf8"));
  const bytes = await readFile(path.join(dir, "weights.bin"));
  const model = await loadLayersModel(
    io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: Uint8Array.from(bytes).buffer,
    }),
  );
  const { x, rows } = await dataset.head(600);
  const input = tensor2d(x.slice(0, rows * 3), [rows, 3]);
  const output = model.predict(input) as Tensor2D;
  const found = [...(await output.data())];
  for (const one of [input, output, model]) one.dispose();
  return found;
}

const sigmoidEnd = (): LayersModel => {
  const [hidden, last] = initialNetwork([3, 4, 1], { kind: "uniform" }, 3);
  return networkToModel([hidden!, { ...last!, activation: "sigmoid" }]);
};

const other = (): LayersModel =>
  sequential({
    layers: [
      layers.layerNormalization({ inputShape: [3] }),
      layers.dense({
        units: 5,
        activation: "elu",
        kernelInitializer: initializers.glorotUniform({ seed: 1 }),
      }),
      layers.dense({ units: 1, kernelInitializer: initializers.glorotUniform({ seed: 2 }) }),
    ],
  });

const cases: Record<string, () => Partial<TrainOptions>> = {
  "linear without bias": () => ({ model: "linear" }),
  "linear with bias": () => ({ model: "linear", bias: true }),
  "mlp without biases": () => ({ model: "mlp:8,4" }),
  "mlp with biases": () => ({ model: "mlp:8", bias: true, activation: "tanh" }),
  "sigmoid at the end": () => ({ model: sigmoidEnd() }),
  "other layers": () => ({ model: other() }),
};

for (const [name, options] of Object.entries(cases)) {
  test(
    `model/ predicts from rows as they are what vadi predict does: ${name}`,
    inFolder(async (folder) => {
      await chooseBackend("wasm");
      const dataset = await table(folder);
      const out = path.join(folder, "run");
      const settings = { batchSize: 100, optimizer: "adam", learningRate: 0.05 } as const;
      const run = await train(dataset, {
        ...settings,
        ...options(),
        out,
        epochs: 8,
        standardize: true,
        checkpointEvery: "10steps",
      });
      const expected: number[] = [];
      for await (const part of predict(run, dataset)) expected.push(...part);
      const found = await byTfjs(path.join(out, "model"), dataset);
      const { y } = await dataset.head(600);
      const scale = run.record.standardize!.target!.scale;
      for (const [row, value] of expected.entries()) {
        assert.ok(Math.abs(found[row]! - value) < 1e-4 * scale, `${found[row]} for ${value}`);
      }
      const squares = found.reduce((sum, value, row) => sum + (value - y[row]!) ** 2, 0);
      const { loss } = await evaluate(run);
      assert.ok(Math.abs(squares / 600 - loss) < 1e-3 * loss, `${squares / 600} for ${loss}`);

      // Landscapes and resumed runs go on with the weights of standardised rows.
      const made = await landscape(run, { points: 3, batches: 1, batchSize: 600 });
      const [curve] = await made.curves();
      assert.ok(Math.abs(curve!.losses[1]! * scale ** 2 - loss) < 1e-3 * loss);
      const longer = await train(dataset, { out, resume: true, epochs: 10 });
      const straight = await train(dataset, {
        ...settings,
        ...options(),
        // The weights of layers that tfjs has drawn are those that the first run started from.
        ...(existsSync(path.join(out, "initial")) && {
          model: path.join(out, "initial", "model.json"),
        }),
        out: path.join(folder, "straight"),
        epochs: 10,
        standardize: true,
      });
      assert.equal(await longer.weights(), await straight.weights());
      assert.equal(
        await byTfjs(path.join(out, "model"), dataset),
        await byTfjs(path.join(folder, "straight", "model"), dataset),
      );
    }),
  );
}

test(
  "a line between two runs needs rows that are standardised alike",
  inFolder(async (folder) => {
    const dataset = await table(folder);
    const shared = { model: "mlp:4", batchSize: 100, standardize: true };
    const [one, two] = await Promise.all(
      [1, 2].map((seed) => train(dataset, { ...shared, seed, out: path.join(folder, `${seed}`) })),
    );
    const along = `model:${two!.dir}` as const;
    const made = await landscape(one!, { along, points: 2, batches: 1, batchSize: 600 });
    const [curve] = await made.curves();
    const scale = one!.record.standardize!.target!.scale ** 2;
    for (const [end, run] of [one!, two!].entries()) {
      const { loss } = await evaluate(run);
      assert.ok(Math.abs(curve!.losses[end]! * scale - loss) < 1e-4 * loss);
    }
    const raw = await train(dataset, {
      ...shared,
      standardize: false,
      learningRate: 1e-9,
      out: path.join(folder, "raw"),
    });
    const error = await landscape(raw, { along, points: 2, batches: 1 }).catch(String);
    assert.match(String(error), /standardise their rows with different numbers/);
  }),
);

test(
  "without --standardize there is one set of weights",
  inFolder(async (folder) => {
    const dataset = await generate({ kind: "lsm", out: path.join(folder, "data"), rows: 100 });
    const out = path.join(folder, "run");
    await train(dataset, { out });
    assert.not.ok(existsSync(path.join(out, "weights")));
  }),
);

test.run();
