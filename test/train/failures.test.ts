import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { VadiError } from "../../src/common/errors.js";
import { chooseBackend } from "../../src/backend/index.js";
import { openRun, train } from "../../src/train/index.js";
import type { BackendName } from "../../src/backend/index.js";
import type { TrainOptions } from "../../src/train/index.js";
import { inFolder } from "../helpers/folder.js";
import { linearData, memoryDataset } from "../helpers/memory-dataset.js";

const { x, y } = linearData(200, [1, -2], 0.1);
const dataset = memoryDataset(x, y);

async function thrownBy(work: Promise<unknown>): Promise<VadiError> {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  assert.instance(error, VadiError, String(error));
  return error as VadiError;
}

async function statusOf(out: string): Promise<string> {
  return JSON.parse(await readFile(path.join(out, "run.json"), "utf8")).status;
}

test(
  "options that cannot be are usage errors that name them, and write nothing",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    // Words as they come from a command line, whatever the types say.
    const wrong: [object, RegExp][] = [
      [{ model: "cnn" }, /no model cnn/],
      [{ init: "he" }, /no init he/],
      [{ optimizer: "adamw" }, /optimizer must be sgd, .* or closed-form, not "adamw"/],
      [{ shuffle: "some" }, /shuffle must be none, .*, not "some"/],
      [{ gradients: "numeric" }, /gradients must be explicit or autodiff, not "numeric"/],
      [{ simd: "relaxed", optimizer: "closed-form" }, /simd relaxed is for step optimisers/],
      [{ simd: "relaxed", gradients: "autodiff" }, /simd relaxed is for .* explicit gradients/],
      [{ backend: "webgl" }, /backend must be auto, tfjs-node-gpu, .* or cpu, not "webgl"/],
      [{ learningRate: 0 }, /learningRate must be a number above 0, not 0/],
      [{ learningRate: NaN }, /learningRate must be .*, not NaN/],
      [{ batchSize: 0 }, /batchSize must be .*, not 0/],
      [{ batchSize: 1.5 }, /batchSize must be .*, not 1\.5/],
      [{ epochs: -1 }, /epochs must be .*, not -1/],
      [{ seed: -1 }, /seed must be .*, not -1/],
      [{ logEvery: 0 }, /logEvery must be .*, not 0/],
      [{ ridge: 1 }, /ridge goes with optimizer closed-form only/],
      [{ dropLast: true, batchSize: 1000 }, /dropLast leaves no batch/],
      [{ dropLast: true, optimizer: "gradient-descent" }, /dropLast does not go with/],
      [{ model: path.join(folder, "absent", "model.json") }, /There is no .*absent/],
    ];
    for (const [options, pattern] of wrong) {
      const given = { out, model: "linear", ...options } as TrainOptions;
      const error = await thrownBy(train(dataset, given));
      assert.match(error.message, pattern);
      if (!("model" in options && String(options.model).includes("absent")))
        assert.is(error.kind, "usage");
      assert.equal(await readdir(folder), []);
    }
  }),
);

test(
  "a folder that is taken is refused; a run gives way to force, anything else never",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const first = await train(dataset, { out, model: "linear", seed: 1 });
    await mkdir(path.join(out, "landscapes", "old"), { recursive: true });
    await writeFile(path.join(out, "notes.txt"), "mine");
    const again = { out, model: "linear", seed: 2 };
    assert.match((await thrownBy(train(dataset, again))).message, /holds a run already; use force/);
    assert.is((await openRun(out)).record.options.seed, 1);
    // A mistake in another option must not cost the old run.
    await thrownBy(train(dataset, { ...again, force: true, learningRate: -1 }));
    assert.equal((await openRun(out)).record, first.record);
    const second = await train(dataset, { ...again, force: true });
    assert.is(second.record.options.seed, 2);
    const left = (await readdir(out)).toSorted();
    assert.equal(left, [
      "SHA256SUMS",
      "checkpoints",
      "history.jsonl",
      "history.parquet",
      "model",
      "notes.txt",
      "path",
      "run.json",
    ]);

    const other = path.join(folder, "other");
    await mkdir(other);
    await writeFile(path.join(other, "thesis.tex"), "x");
    const error = await thrownBy(train(dataset, { out: other, model: "linear", force: true }));
    assert.is(error.kind, "usage");
    assert.match(error.message, /is not a run \(it has no run\.json\)/);
    await writeFile(path.join(other, "run.json"), '{"name":"something else"}');
    await thrownBy(train(dataset, { out: other, model: "linear", force: true }));
    assert.equal((await readdir(other)).toSorted(), ["run.json", "thesis.tex"]);

    const file = path.join(folder, "file");
    await writeFile(file, "");
    assert.is((await thrownBy(train(dataset, { out: file, model: "linear" }))).kind, "usage");
    await mkdir(path.join(folder, "empty"));
    await train(dataset, { out: path.join(folder, "empty"), model: "linear" });
  }),
);

test(
  "a model for other features is refused",
  inFolder(async (folder) => {
    const run = await train(dataset, { out: path.join(folder, "run"), model: "linear" });
    const wide = linearData(20, [1, 2, 3], 0);
    const model = path.join(run.dir, "model", "model.json");
    const work = train(memoryDataset(wide.x, wide.y), { out: path.join(folder, "b"), model });
    assert.match((await thrownBy(work)).message, /takes 2 features, but .* has 3/);
  }),
);

for (const optimizer of ["sgd", "gradient-descent"] as const) {
  test(
    `${optimizer} that diverges says at which step and what to try`,
    inFolder(async (folder) => {
      const out = path.join(folder, "run");
      const work = train(dataset, {
        out,
        model: "linear",
        optimizer,
        learningRate: 100,
        batchSize: 50,
        epochs: 100,
      });
      const error = await thrownBy(work);
      assert.is(error.kind, "failed");
      assert.match(error.message, /diverged.*step \d+.*learning rate 100;.*learningRate 10/);
      const run = await openRun(out);
      assert.is(run.record.status, "diverged");
      assert.is(run.record.result!.loss, null);
      assert.ok((await run.history()).every(({ loss }) => Number.isFinite(loss)));
      assert.ok((await readdir(out)).includes("history.parquet"));
    }),
  );
}

test(
  "weights that overflow at the last step count as diverged",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const work = train(dataset, { out, model: "linear", batchSize: 200, learningRate: 1e300 });
    assert.match((await thrownBy(work)).message, /diverged: a weight is not finite after step 1/);
    assert.is(await statusOf(out), "diverged");
  }),
);

for (const optimizer of ["sgd", "gradient-descent", "closed-form"] as const) {
  test(
    `${optimizer} that is interrupted leaves a stopped run with the model so far`,
    inFolder(async (folder) => {
      const out = path.join(folder, "run");
      const controller = new AbortController();
      const watched = memoryDataset(x, y, {
        beforeBatch: ({ epoch, index }) => {
          if (optimizer === "closed-form" ? index === 2 : epoch === 3 && index === 1)
            controller.abort();
        },
      });
      const options = { model: "linear", optimizer, batchSize: 50 };
      const work = train(watched, { ...options, out, epochs: 1000, signal: controller.signal });
      const error = await thrownBy(work);
      assert.is(error.kind, "interrupted");
      assert.match(error.message, /interrupted after step \d+/);
      const run = await openRun(out);
      assert.is(run.record.status, "stopped");
      const steps = { sgd: 14, "gradient-descent": 3, "closed-form": 0 }[optimizer];
      assert.is(run.record.result!.steps, steps, "the step at hand is finished");
      assert.ok((await readdir(out)).includes("history.parquet"));
      if (optimizer === "gradient-descent") {
        const three = await train(dataset, { ...options, out: path.join(folder, "3"), epochs: 3 });
        assert.equal(await run.network(), await three.network());
      }
      // The sentence says how to go on, and what it says works.
      if (steps === 0) assert.match(error.message, /the same command with force starts it again/);
      else {
        assert.match(error.message, /resume it with vadi train .* --out \S+ --resume\./);
        const resumed = await train(dataset, { model: "linear", out, resume: true, epochs: 1001 });
        assert.is(resumed.record.status, "done");
        const whole = { ...options, out: path.join(folder, "whole"), epochs: 1001 };
        assert.equal(await resumed.network(), await (await train(dataset, whole)).network());
      }
    }),
  );
}

test(
  "a signal that is aborted already leaves nothing behind",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const work = train(dataset, { out, model: "linear", signal: AbortSignal.abort() });
    assert.is((await thrownBy(work)).kind, "interrupted");
    assert.equal(await readdir(folder), []);
  }),
);

test(
  "an error of the data is passed on, and the model so far is kept",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const broken = memoryDataset(x, y, {
      beforeBatch: ({ index }) => {
        if (index === 2) throw new VadiError("failed", "shard-00007 is damaged.");
      },
    });
    const error = await thrownBy(train(broken, { out, model: "linear", batchSize: 50 }));
    assert.is(error.message, "shard-00007 is damaged.");
    const run = await openRun(out);
    assert.is(run.record.status, "stopped");
    assert.is(run.record.result!.steps, 2);
    assert.is((await run.history()).length, 2);
  }),
);

test(
  "a history whose last line was cut off is read without it; other damage is named",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const run = await train(dataset, { out, model: "linear", batchSize: 50 });
    const file = path.join(out, "history.jsonl");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.slice(0, -5));
    assert.is((await run.history()).length, 3);
    await writeFile(file, `{"step":1}\n${text}`);
    assert.match((await thrownBy(run.history())).message, /history\.jsonl, line 1, is not a line/);
  }),
);

test(
  "a folder without a run, and a damaged run, are named",
  inFolder(async (folder) => {
    assert.match((await thrownBy(openRun(folder))).message, /is not a run: it has no run\.json/);
    await writeFile(path.join(folder, "run.json"), '{"formatVersion":1,"status":"odd"}');
    assert.match((await thrownBy(openRun(folder))).message, /run\.json is not a run's.*status/);
  }),
);

test(
  "a folder that another process trains into is left alone; one that a dead process held is taken",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    await train(dataset, { out, model: "linear" });
    const before = await readFile(path.join(out, "run.json"), "utf8");
    await writeFile(path.join(out, ".lock"), `${process.ppid} 0\n`);
    const error = await thrownBy(train(dataset, { out, model: "mlp", force: true }));
    assert.match(error.message, `being written by process ${process.ppid}`);
    assert.is(await readFile(path.join(out, "run.json"), "utf8"), before);
    // The largest process number of Linux is 2²².
    await writeFile(path.join(out, ".lock"), `${2 ** 22 + 1} 0\n`);
    await train(dataset, { out, model: "mlp", force: true });
    assert.is((await openRun(out)).record.options.model, "mlp");
    assert.not((await readdir(out)).includes(".lock"));
  }),
);

test("an unknown backend is a usage error", async () => {
  const error = await thrownBy(chooseBackend("webgl" as BackendName));
  assert.is(error.kind, "usage");
  assert.is(await chooseBackend("cpu"), "cpu");
  assert.is(await chooseBackend("auto"), "wasm");
});

test.run();
