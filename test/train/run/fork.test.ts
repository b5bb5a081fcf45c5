import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { generate, openRun, train, VadiError } from "../../../src/index.js";
import { loadModel } from "../../../src/model/index.js";
import { contentOf } from "../../helpers/killed-run.js";
import { inFolder } from "../../helpers/folder.js";

const shared = mkdtempSync(path.join(tmpdir(), "vadi-fork-"));
test.after(() => rm(shared, { recursive: true, force: true }));
const dataset = await generate({
  kind: "lsm",
  out: path.join(shared, "data"),
  rows: 200,
  features: 2,
});
const options = {
  model: "mlp:6",
  batchSize: 20,
  epochs: 3,
  learningRate: 0.05,
  optimizer: "adam",
  standardize: true,
} as const;

async function refusal(work: Promise<unknown>): Promise<VadiError> {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  assert.instance(error, VadiError, String(error));
  return error as VadiError;
}

test(
  "a run from another's step starts from its snapshot, with its options and standardisation, and a fresh optimiser",
  inFolder(async (folder) => {
    const parent = path.join(folder, "parent");
    const { record } = await train(dataset, { ...options, out: parent });
    const from = `${parent}@10`;
    const child = await train(dataset, { from, seed: 7, out: path.join(folder, "child") });
    assert.equal(child.record.from, { run: parent, step: 10 });
    assert.equal(child.record.standardize, record.standardize);
    const { optimizer, learningRate, epochs, batchSize, seed } = child.record.options;
    assert.equal([optimizer, learningRate, epochs, batchSize, seed], ["adam", 0.05, 3, 20, 7]);
    assert.match(child.record.command, `--from ${parent}@10`);
    assert.not.match(child.record.command, "--model");
    // A run that is given the snapshot as its model does the same steps.
    const model = path.join(parent, "path", "step-10", "model.json");
    const { model: _name, ...same } = options;
    const given = await train(dataset, {
      ...same,
      model,
      seed: 7,
      out: path.join(folder, "given"),
    });
    assert.equal(await child.weights(), await given.weights());
    assert.equal(
      await loadModel(path.join(child.dir, "path", "step-0")),
      await loadModel(path.join(parent, "path", "step-10")),
    );
    const other = await train(dataset, { from, seed: 8, out: path.join(folder, "other") });
    assert.not.equal(await other.weights(), await child.weights());
    // Without a step, from the last weights.
    const last = await train(dataset, { from: parent, epochs: 0, out: path.join(folder, "last") });
    assert.equal(last.record.from, { run: parent, step: 30 });
    assert.equal(await last.weights(), await (await openRun(parent)).weights());
  }),
);

test(
  "a run from another's step is continued to the same bytes, also where the parent is gone",
  inFolder(async (folder) => {
    const parent = path.join(folder, "parent");
    await train(dataset, { ...options, out: parent });
    const fork = { from: `${parent}@4`, seed: 3, checkpointEvery: "5steps" } as const;
    const whole = path.join(folder, "whole");
    await train(dataset, { ...fork, out: whole });
    const out = path.join(folder, "stopped");
    await train(dataset, { ...fork, epochs: 1, out });
    const unstarted = path.join(folder, "unstarted");
    await cp(out, unstarted, { recursive: true });
    await rm(path.join(unstarted, "checkpoints"), { recursive: true });
    await rm(parent, { recursive: true });
    const again = { ...fork, epochs: 3, resume: true } as const;
    assert.match(
      (await refusal(train(dataset, { ...again, from: "x@4", out }))).message,
      "leave out",
    );
    await train(dataset, { ...again, out });
    assert.equal(await contentOf(out), await contentOf(whole));
    // Killed before its first checkpoint, it starts again from its own copy.
    await train(dataset, { ...again, out: unstarted });
    assert.equal(
      await (await openRun(unstarted)).weights(),
      await (await openRun(whole)).weights(),
    );
    assert.equal((await openRun(unstarted)).record.from, { run: parent, step: 4 });
  }),
);

test(
  "a step without a snapshot, the parent's own folder and another model are refused",
  inFolder(async (folder) => {
    const parent = path.join(folder, "parent");
    await train(dataset, { ...options, batchSize: 1, epochs: 2, out: parent });
    const out = path.join(folder, "child");
    const kept = (await readdir(path.join(parent, "path"))).length;
    assert.is(kept, 201);
    const missing = await refusal(train(dataset, { from: `${parent}@33`, out }));
    assert.match(missing.message, "no snapshot of step 33");
    assert.match(missing.message, "steps 32 and 34");
    const late = await refusal(train(dataset, { from: `${parent}@999`, out }));
    assert.match(late.message, "the nearest is of step 400");
    const own = await refusal(train(dataset, { from: `${parent}@2`, out: parent, force: true }));
    assert.match(own.message, "another folder");
    const model = await refusal(train(dataset, { from: parent, model: "linear", out }));
    assert.match(model.message, "model is that of the run");
    const scaled = await refusal(train(dataset, { from: parent, standardize: false, out }));
    assert.match(scaled.message, "standardize is that of the run");
    const none = await refusal(train(dataset, { from: path.join(folder, "nowhere"), out }));
    assert.match(none.message, "is not a run");
    assert.ok((await readFile(path.join(parent, "run.json"), "utf8")).includes('"done"'));
  }),
);

test.run();
