import { readFile } from "node:fs/promises";
import path from "node:path";
import { openDataset } from "../../src/index.js";
import { assertRejects } from "../storage/folders.js";
import { memory } from "@tensorflow/tfjs-core";
import { parquetReadObjects, asyncBufferFromFile } from "hyparquet";
import { assert, test } from "../helpers/test.js";
import { openRun, train } from "../../src/train/index.js";
import type { OptimizerName, TrainOptions } from "../../src/train/index.js";
import { inFolder } from "../helpers/folder.js";
import { linearData, memoryDataset } from "../helpers/memory-dataset.js";

const w = [0.7, -1.3, 2.1, 0.4];
const { x, y } = linearData(1000, w, 0.1);
const dataset = memoryDataset(x, y);

test(
  "a run's folder holds what interface.md says",
  inFolder(async (folder) => {
    const out = path.join(folder, "a run");
    const run = await train(dataset, { out, model: "linear", batchSize: 300, epochs: 3 });
    const record = JSON.parse(await readFile(path.join(out, "run.json"), "utf8"));
    assert.is(record.status, "done");
    assert.is(record.formatVersion, 1);
    assert.equal(record.layers, [4, 1]);
    assert.is(record.backend, "wasm");
    assert.is(record.dataset.fingerprint, dataset.fingerprint);
    assert.is(record.options.shuffle, "window");
    assert.is(record.options.seed, 42);
    assert.is(record.result.steps, 12, "a smaller last batch counts");
    assert.is(record.result.rows, 3000);
    assert.is(record.result.epochs, 3);
    assert.ok(record.result.seconds > 0 && record.result.rowsPerSecond > 0);
    assert.is(record.result.weights.length, 4);
    assert.is(
      record.command,
      `vadi train '/data/in memory' --out '${out}' --model linear --init uniform --optimizer sgd ` +
        `--learning-rate 0.001 --batch-size 300 --epochs 3 --shuffle window --seed 42 ` +
        `--backend wasm`,
    );
    assert.equal(run.record, record);
    assert.equal((await openRun(out)).record, record);

    const history = await run.history();
    assert.equal(
      history.map(({ step }) => step),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    );
    assert.equal(
      history.slice(2, 6).map(({ epoch, rows }) => [epoch, rows]),
      [
        [0, 900],
        [0, 1000],
        [1, 1300],
        [1, 1600],
      ],
    );
    assert.is(history.at(-1)!.loss, record.result.loss);
    const file = await asyncBufferFromFile(path.join(out, "history.parquet"));
    const table = await parquetReadObjects({ file });
    assert.equal(
      table.map((row) => ({ ...row, step: Number(row["step"]), rows: Number(row["rows"]) })),
      history,
    );
  }),
);

test(
  "options without effect are named",
  inFolder(async (folder) => {
    const warningsOf = async (options: Partial<TrainOptions>): Promise<readonly string[]> => {
      const given = { model: "linear", batchSize: 500, epochs: 1, force: true, ...options };
      return (await train(dataset, { ...given, out: path.join(folder, "run") })).warnings;
    };
    assert.equal(await warningsOf({ momentum: 0.8, gamma: 0.5 }), [
      "The options gamma and momentum have no effect with optimizer sgd and schedule constant.",
    ]);
    assert.equal(await warningsOf({ optimizer: "adam", alpha: 0.5, schedule: "step" }), [
      "The option alpha has no effect with optimizer adam and schedule step.",
    ]);
    assert.equal(await warningsOf({ momentum: 0.9 }), []);
    assert.equal(
      await warningsOf({ optimizer: "nesterov", momentum: 0.8, schedule: "step", gamma: 0.5 }),
      [],
    );
  }),
);

test(
  "a run is not taken for a table",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    await train(dataset, { out, model: "linear", batchSize: 500, epochs: 1 });
    await assertRejects(openDataset(out), "failed", /run is a run, not a dataset: vadi report /);
    assert.is((await openDataset(path.join(out, "history.parquet"), { target: "loss" })).rows, 2);
  }),
);

test(
  "sgd follows an independent float64 loop",
  inFolder(async (folder) => {
    const options = { model: "linear", batchSize: 250, learningRate: 0.05, init: "normal:0.1" };
    const start = await train(dataset, { ...options, out: path.join(folder, "start"), epochs: 0 });
    const run = await train(dataset, {
      ...options,
      out: path.join(folder, "run"),
      epochs: 5,
      shuffle: "none",
      dropLast: true,
    });
    const weights = Float64Array.from(start.record.result!.weights!);
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const from = (step % 4) * 250;
      losses.push(descend(weights, from, from + 250, 0.05));
    }
    near(run.record.result!.weights!, weights, 1e-6);
    const history = await run.history();
    near(
      history.map(({ loss }) => loss),
      losses,
      1e-6,
    );
  }),
);

for (const gradients of ["explicit", "autodiff"] as const) {
  test(
    `gradient descent with ${gradients} gradients follows an independent float64 loop`,
    inFolder(async (folder) => {
      const common = { model: "linear", optimizer: "gradient-descent", gradients } as const;
      const start = await train(dataset, { ...common, out: path.join(folder, "start"), epochs: 0 });
      const run = await train(dataset, {
        ...common,
        out: path.join(folder, "run"),
        epochs: 40,
        batchSize: 300,
        learningRate: 0.05,
      });
      const weights = Float64Array.from(start.record.result!.weights!);
      const losses = Array.from({ length: 40 }, () => descend(weights, 0, 1000, 0.05));
      near(run.record.result!.weights!, weights, 1e-6);
      assert.is(run.record.result!.steps, 40);
      assert.is(run.record.options.shuffle, "none");
      near(
        (await run.history()).map(({ loss }) => loss),
        losses,
        1e-6,
      );
    }),
  );
}

/** One step w ← w − rate·2Xᵀ(Xw − y)/n on some rows, in float64. Returns the loss before it. */
function descend(weights: Float64Array, from: number, to: number, rate: number): number {
  const gradient = new Float64Array(4);
  let loss = 0;
  for (let row = from; row < to; row++) {
    const values = x.subarray(4 * row, 4 * row + 4);
    const residual = values.reduce((sum, value, at) => sum + value * weights[at]!, -y[row]!);
    loss += residual ** 2 / (to - from);
    for (const [at, value] of values.entries())
      gradient[at]! += (2 * value * residual) / (to - from);
  }
  for (const [at, value] of gradient.entries()) weights[at]! -= rate * value;
  return loss;
}

test(
  "every way to the linear optimum ends at the same weights",
  inFolder(async (folder) => {
    const runs: Record<string, Partial<TrainOptions> & { optimizer: OptimizerName }> = {
      closed: { optimizer: "closed-form" },
      descent: { optimizer: "gradient-descent", epochs: 300, learningRate: 0.1 },
      autograd: {
        optimizer: "gradient-descent",
        epochs: 300,
        learningRate: 0.1,
        gradients: "autodiff",
      },
      sgd: { optimizer: "sgd", epochs: 500, learningRate: 0.01 },
    };
    const found: Record<string, number[]> = {};
    for (const [name, options] of Object.entries(runs)) {
      const run = await train(dataset, {
        ...options,
        out: path.join(folder, name),
        model: "linear",
        batchSize: 250,
      });
      found[name] = run.record.result!.weights!;
    }
    // ŵ − w ~ N(0, σ²(XᵀX)⁻¹): a standard deviation of 0.1/√1000 a weight; five of them.
    near(found["closed"]!, w, (5 * 0.1) / Math.sqrt(1000));
    near(found["descent"]!, found["closed"]!, 1e-6);
    near(found["autograd"]!, found["closed"]!, 1e-6);
    // SGD stays within its noise ball: some √(lr/B) of the residuals' size around the optimum.
    near(found["sgd"]!, found["closed"]!, 2e-3);
  }),
);

test(
  "an mlp learns, and explicit and automatic gradients lead to the same weights",
  inFolder(async (folder) => {
    const options = { model: "mlp:16,8", batchSize: 100, epochs: 20, learningRate: 0.02 };
    const one = await train(dataset, { ...options, out: path.join(folder, "1") });
    const two = await train(dataset, {
      ...options,
      out: path.join(folder, "2"),
      gradients: "autodiff",
    });
    const first = (await one.history())[0]!.loss;
    assert.ok(one.record.result!.loss! < first / 10);
    assert.is(one.record.parameters, 4 * 16 + 16 * 8 + 8);
    assert.is(one.record.result!.weights, undefined);
    const [a, b] = [await one.network(), await two.network()];
    for (const [layer, { weights }] of a.entries()) near(weights, b[layer]!.weights, 1e-4);
  }),
);

test(
  "the same seed gives the same bytes of weights, on either path of the data",
  inFolder(async (folder) => {
    const bytes = async (out: string, seed: number): Promise<string> => {
      const dir = path.join(folder, out);
      await train(dataset, { out: dir, model: "mlp", batchSize: 100, epochs: 2, seed });
      return (await readFile(path.join(dir, "model", "weights.bin"))).toString("hex");
    };
    const first = await bytes("a", 5);
    assert.is(await bytes("b", 5), first);
    assert.is.not(await bytes("c", 6), first);
  }),
);

test(
  "0 epochs write the initial model, from which a longer run starts",
  inFolder(async (folder) => {
    const zero = await train(dataset, { out: path.join(folder, "0"), model: "mlp", epochs: 0 });
    assert.is(zero.record.status, "done");
    assert.is(zero.record.result!.steps, 0);
    assert.is(zero.record.result!.loss, null);
    assert.equal(await zero.history(), []);
    const again = await train(dataset, {
      out: path.join(folder, "1"),
      model: path.join(folder, "0", "model", "model.json"),
      epochs: 2,
    });
    const straight = await train(dataset, {
      out: path.join(folder, "2"),
      model: "mlp",
      epochs: 2,
    });
    assert.equal(await again.network(), await straight.network());
    assert.is(again.record.options.init, "given");
  }),
);

test(
  "a history has at most 2000 lines, the first and the last step among them",
  inFolder(async (folder) => {
    const few = memoryDataset(x.slice(0, 40), y.slice(0, 10));
    const run = await train(few, {
      out: path.join(folder, "run"),
      model: "linear",
      batchSize: 2,
      epochs: 801,
    });
    const steps = (await run.history()).map(({ step }) => step);
    assert.is(steps[0], 1);
    assert.is(steps.at(-1), 4005);
    assert.ok(steps.length <= 2000 && steps.length > 1000, `${steps.length} lines`);
    const logged = await train(few, {
      out: path.join(folder, "logged"),
      model: "linear",
      batchSize: 10,
      epochs: 25,
      logEvery: 10,
    });
    assert.equal(
      (await logged.history()).map(({ step }) => step),
      [1, 10, 20, 25],
    );
  }),
);

test(
  "no tensor is left, however many steps",
  inFolder(async (folder) => {
    const counts: number[] = [];
    for (const gradients of ["explicit", "autodiff"] as const) {
      for (const optimizer of ["sgd", "gradient-descent"] as const) {
        const before = memory().numTensors;
        const during = new Set<number>();
        const watched = memoryDataset(x, y, {
          beforeBatch: () => during.add(memory().numTensors),
        });
        await train(watched, {
          out: path.join(folder, `${gradients}-${optimizer}`),
          model: "mlp:6",
          optimizer,
          gradients,
          batchSize: 100,
          epochs: 3,
        });
        counts.push(during.size, memory().numTensors - before);
      }
    }
    assert.equal(counts, [1, 0, 1, 0, 1, 0, 1, 0]);
  }),
);

test(
  "memory does not grow with the rows that pass",
  inFolder(async (folder) => {
    const wide = linearData(
      2000,
      Array.from({ length: 40 }, () => 0.1),
      0.1,
    );
    const rss: number[] = [];
    const watched = memoryDataset(wide.x, wide.y, {
      beforeBatch: ({ epoch }) => rss.push(epoch % 10 === 0 ? process.memoryUsage.rss() : 0),
    });
    // 300 batches of 320 kB and their activations: 0.2 GB of data pass.
    await train(watched, {
      out: path.join(folder, "run"),
      model: "mlp:32",
      batchSize: 2000,
      epochs: 300,
    });
    const growth = Math.max(...rss.slice(100)) - Math.max(...rss.slice(0, 100));
    assert.ok(growth < 64 * 2 ** 20, `grew by ${growth} bytes`);
  }),
);

test(
  "progress is reported with steps, rows and loss, and ends at the end",
  inFolder(async (folder) => {
    const seen: unknown[] = [];
    await train(dataset, {
      out: path.join(folder, "run"),
      model: "linear",
      batchSize: 100,
      epochs: 2,
      onProgress: (progress) => seen.push(progress),
    });
    const last = seen.at(-1) as Record<string, unknown>;
    assert.is(last["phase"], "training");
    assert.is(last["done"], 20);
    assert.is(last["total"], 20);
    assert.is(last["rows"], 2000);
    assert.type(last["loss"], "number");
    assert.ok(seen.length < 20, "not at every step");
  }),
);

/** Asserts that numbers agree within an absolute tolerance. */
function near(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.is(found.length, expected.length);
  for (let at = 0; at < found.length; at++) {
    const error = Math.abs(found[at]! - expected[at]!);
    assert.ok(error <= tolerance, `number ${at}: ${found[at]} against ${expected[at]}`);
  }
}

test.run();
