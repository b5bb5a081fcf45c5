import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { generate, openRun, train, VadiError } from "../../../src/index.js";
import { saveNetwork } from "../../../src/model/index.js";
import { chooseBackend } from "../../../src/backend/index.js";
import { networkOf } from "../../../src/model/layers-network.js";
import { branchedModel } from "../../helpers/branched-model.js";
import { inFolder } from "../../helpers/folder.js";
import { contentOf, endsAsUndisturbed } from "../../helpers/killed-run.js";
import { linearData, memoryDataset } from "../../helpers/memory-dataset.js";
import { withoutChecksums } from "../../helpers/without-checksums.js";

const bytes = (file: string): Promise<string> => readFile(file, "hex");

const kinds: Record<string, string> = {
  adam: "--model mlp --optimizer adam --bias --validation 0.2 --patience 9 --shuffle window",
  momentum: "--model linear --optimizer momentum --schedule cosine --warmup 9 --clip-norm 1",
  "a LayersModel with dropout and batch normalisation":
    "--model model/model.json --optimizer nesterov --weight-decay 0.01 --shuffle global --standardize",
};

for (const [name, words] of Object.entries(kinds)) {
  test(
    `a run of ${name} that is killed at random moments ends as if nothing had happened`,
    inFolder(async (folder) => {
      await generate({ kind: "lsm", out: path.join(folder, "data"), rows: 4000, shardRows: 1500 });
      if (words.includes("model.json")) {
        await chooseBackend("wasm");
        const model = branchedModel(10);
        await saveNetwork(path.join(folder, "model"), await networkOf(model));
        model.dispose();
      }
      const fixed = "--batch-size 100 --epochs 5 --log-every 7 --checkpoint-every 23steps --seed 5";
      await endsAsUndisturbed(folder, `${words} ${fixed}`.split(" "));
    }),
  );
}

const { x, y } = linearData(200, [1, -2], 0.1);
const dataset = memoryDataset(x, y);
const options = { model: "linear", batchSize: 20, epochs: 4, checkpointEvery: "5steps" } as const;

async function thrownBy(work: Promise<unknown>): Promise<VadiError> {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  assert.instance(error, VadiError, String(error));
  return error as VadiError;
}

test(
  "the newest checkpoints are kept, and a damaged one gives way to the one before",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    await train(dataset, { ...options, out, keep: 2, optimizer: "adam" });
    const checkpoints = path.join(out, "checkpoints");
    assert.equal((await readdir(checkpoints)).toSorted(), ["step-35", "step-40"]);
    const whole = await contentOf(out);
    for (const [file, length] of [
      ["slots.bin", 3],
      ["weights.bin", 0],
      ["state.json", 40],
    ] as const) {
      const torn = path.join(folder, "torn");
      await cp(out, torn, { recursive: true });
      await truncate(path.join(torn, "checkpoints", "step-40", file), length);
      await train(dataset, { model: "linear", out: torn, resume: true });
      assert.equal(await contentOf(torn), whole);
      await rm(torn, { recursive: true });
    }
    // A bit of the weights that has flipped is noticed by its checksum alone, which older versions did not write.
    for (const name of ["weights.bin", "slots.bin"]) {
      const flipped = path.join(folder, "flipped");
      await cp(out, flipped, { recursive: true });
      const file = path.join(flipped, "checkpoints", "step-40", name);
      const content = await readFile(file);
      content[0]! ^= 1;
      await writeFile(file, content);
      await train(dataset, { model: "linear", out: flipped, resume: true });
      assert.equal(await contentOf(flipped), whole);
      await rm(flipped, { recursive: true });
    }
    await rm(path.join(checkpoints, "step-40", "SHA256SUMS"));
    await train(dataset, { model: "linear", out, resume: true });
    assert.equal(await contentOf(out), whole);
    // A process that is killed before it has removed the oldest leaves it.
    const old = path.join(checkpoints, "step-30");
    await cp(path.join(checkpoints, "step-35"), old, { recursive: true });
    await train(dataset, { model: "linear", out, resume: true });
    assert.equal(await contentOf(out), whole);
  }),
);

test(
  "a run goes on for more epochs as if it had been longer from the start",
  inFolder(async (folder) => {
    for (const optimizer of ["nesterov", "gradient-descent"] as const) {
      const out = path.join(folder, optimizer);
      const long = path.join(folder, `${optimizer} long`);
      const own = { ...options, optimizer, logEvery: 1 };
      await train(dataset, { ...own, out });
      await train(dataset, { model: "linear", out, resume: true, epochs: 9 });
      await train(dataset, { ...own, out: long, epochs: 9 });
      assert.equal(await contentOf(out), await contentOf(long));
    }
  }),
);

test(
  "what does not fit the run is refused, and the run stays as it is",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    await train(dataset, { ...options, out });
    const before = await contentOf(out);
    const resume = { model: "linear", out, resume: true } as const;
    const cases: [object, RegExp][] = [
      [{ learningRate: 0.5 }, /learningRate is 0\.5, but the run .* has 0\.001/],
      [{ clipNorm: 1 }, /clipNorm is 1, but/],
      [{ model: "mlp" }, /model is mlp, but/],
      [{ epochs: 3 }, /epochs is 3, but the run .* has 4/],
      [
        { backend: "cpu" },
        /trained on the backend wasm .* but would resume on the backend cpu .*otherBackend/,
      ],
    ];
    for (const [given, pattern] of cases) {
      assert.match((await thrownBy(train(dataset, { ...resume, ...given }))).message, pattern);
    }
    const other = { ...dataset, fingerprint: "b".repeat(64) };
    assert.match((await thrownBy(train(other, resume))).message, /another dataset/);
    const absent = { ...resume, out: path.join(folder, "absent") };
    assert.match((await thrownBy(train(dataset, absent))).message, /is not a run/);
    assert.equal(await contentOf(out), before);
    const allowed = { ...resume, backend: "cpu", otherBackend: true, epochs: 5 } as const;
    assert.is((await train(dataset, allowed)).record.backend, "cpu");
  }),
);

test(
  "another number of threads is refused where the engine's bits depend on it",
  inFolder(async (folder) => {
    async function resumedOnOthers(gradients: "explicit" | "autodiff"): Promise<string> {
      const out = path.join(folder, gradients);
      await train(dataset, { ...options, gradients, out });
      const file = path.join(await withoutChecksums(out), "run.json");
      const record = JSON.parse(await readFile(file, "utf8"));
      await writeFile(file, JSON.stringify({ ...record, threads: 77 }));
      await train(dataset, { model: "linear", out, resume: true, epochs: 6 });
      return bytes(path.join(out, "model", "weights.bin"));
    }
    const whole = path.join(folder, "whole");
    await train(dataset, { ...options, out: whole, epochs: 6 });
    const expected = await bytes(path.join(whole, "model", "weights.bin"));
    assert.is(await resumedOnOthers("explicit"), expected);
    const refused = await thrownBy(resumedOnOthers("autodiff"));
    assert.match(refused.message, /engine tensor, 77 threads\), but would resume on .* 1 thread\)/);
  }),
);

test(
  "divergence keeps the last good checkpoint",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const steep = { ...options, out, learningRate: 1.3, logEvery: 1000, epochs: 100 };
    const error = await thrownBy(train(dataset, steep));
    assert.match(error.message, /diverged: .*learning rate 1\.3;.*checkpoint of step \d+ is kept/);
    const [, step = ""] = /checkpoint of step (\d+)/.exec(error.message) ?? [];
    const kept = (await readdir(path.join(out, "checkpoints"))).map((name) => name.slice(5));
    assert.is(String(Math.max(...kept.map(Number))), step);
    assert.is((await openRun(out)).record.status, "diverged");
  }),
);

test(
  "snapshots of the path are at most 256, and their interval doubles",
  inFolder(async (folder) => {
    const out = path.join(folder, "run");
    const stepsOf = async (): Promise<number[]> =>
      (await readdir(path.join(out, "path")))
        .map((name) => Number(name.slice(5)))
        .toSorted((a, b) => a - b);
    await train(dataset, { ...options, out, epochs: 25 });
    assert.equal(
      await stepsOf(),
      Array.from({ length: 251 }, (_, step) => step),
    );
    await train(dataset, { model: "linear", out, resume: true, epochs: 30 });
    assert.equal(
      await stepsOf(),
      Array.from({ length: 151 }, (_, index) => 2 * index),
    );
  }),
);

test.run();
