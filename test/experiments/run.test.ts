import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { VadiError } from "../../src/index.js";
import { experiments, runExperiment } from "../../src/experiments/index.js";
import type { OptionValue } from "../../src/experiments/index.js";
import type { LineFigure } from "../../src/report/index.js";
import { inFolder } from "../helpers/folder.js";
import { sectionsOf } from "./small.js";

async function refuses(promise: Promise<unknown>, kind: string, words: string): Promise<void> {
  let thrown: unknown;
  try {
    await promise;
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, VadiError, words);
  assert.is((thrown as VadiError).kind, kind);
  assert.match((thrown as VadiError).message, words);
}

/** Checks some of an experiment's defaults. */
function has(name: string, wanted: Record<string, OptionValue>): void {
  const all: Record<string, OptionValue> = { ...experiments[name]?.defaults };
  assert.equal(Object.fromEntries(Object.keys(wanted).map((key) => [key, all[key]])), wanted);
}

test("the experiments of the notebook are there by name", () => {
  assert.equal(Object.keys(experiments).toSorted(), [
    "autograd",
    "batches-overlaid",
    "closed-form",
    "device",
    "gradient-descent",
    "hundred-million",
    "lsm-data",
    "mlp",
    "mlp-batches-overlaid",
    "mlp-zoom",
    "non-convexity",
    "optimisers",
    "paraboloid",
    "sgd",
    "sgd-large",
    "slice-optimum",
    "slice-random",
    "two-layer-sigmoid-data",
    "walk",
  ]);
});

test("the notebook's numbers are the defaults", () => {
  has("lsm-data", { rows: 10_000, features: 10, noise: 0.1 });
  has("gradient-descent", { init: "normal:0.1", epochs: 1000, learningRate: 0.01 });
  has("autograd", { init: "normal:0.1", epochs: 1000, learningRate: 0.01 });
  has("sgd", { rows: 10_000, batchSize: 1000, learningRate: 0.001, epochs: 1000 });
  has("sgd-large", { rows: 1e6, batchSize: 10_000, learningRate: 0.001, epochs: 500 });
  has("slice-random", { scale: 0.1, points: 100, endpoint: false, along: "random-points" });
  has("slice-optimum", { scale: 0.1, points: 100, endpoint: false, along: "random" });
  has("batches-overlaid", { scale: 1, points: 100, endpoint: false, batches: 5 });
  has("two-layer-sigmoid-data", { rows: 100_000, features: 10, noise: 0.1 });
  has("mlp", { model: "mlp", learningRate: 0.001, batchSize: 10_000, epochs: 2000 });
  has("mlp-batches-overlaid", { scale: 2, points: 100, endpoint: false, batches: 5 });
  has("mlp-zoom", { scale: 0.01, points: 100, endpoint: false, batches: 5 });
  has("hundred-million", { rows: 100_000_000, features: 10 });
  has("optimisers", { batchSize: 10_000, epochs: 20, momentum: 0.9 });
});

/** The first α of a figure of slices, negative. */
function startOf(figure: LineFigure): number {
  return figure.series[0]?.x[0] ?? NaN;
}

test(
  "what a report says of its options is computed from them",
  inFolder(async (folder) => {
    const out = path.join(folder, "x");
    const few = { rows: 500, epochs: 1, batchSize: 100 };
    const cases: [string, Record<string, OptionValue>, RegExp][] = [
      ["hundred-million", few, /Generate 500 rows, train 1 epoch on/],
      ["sgd", { ...few, shuffle: "none" }, /500 rows in batches of 100 rows, in the order/],
      ["closed-form", { rows: 500, ridge: 3 }, /\(XᵀX \+ 3·I\)⁻¹/],
      [
        "mlp-zoom",
        { ...few, scale: 0.5, optimizer: "adam" },
        /trained by adam for 1 epoch.*± 0\.5·N/,
      ],
    ];
    for (const [name, overrides, wanted] of cases) {
      const { report } = await runExperiment(name, { out: path.join(out, name), overrides });
      const subtitle = /<p class="subtitle"[^>]*>([^<]*)</.exec(await readFile(report, "utf8"));
      assert.match(subtitle?.[1] ?? "", wanted);
    }
    const zoom = (await sectionsOf(path.join(out, "mlp-zoom"))).find(({ id }) => /zoom/.test(id));
    const [near, far] = zoom?.blocks ?? [];
    assert.ok(near?.kind === "lines" && far?.kind === "lines");
    assert.ok(startOf(far) < 10 * startOf(near), "a zoom of any scale is part of its wide view");
  }),
);

test(
  "the quick form says so in the report, and a second run keeps the dataset",
  inFolder(async (folder) => {
    const out = path.join(folder, "out");
    const notes: string[] = [];
    const options = {
      out,
      quick: true,
      overrides: { rows: 5000 },
      onNote: (note: string) => void notes.push(note),
    };
    const first = await runExperiment("gradient-descent", options);
    assert.match(await readFile(first.report, "utf8"), /400 epochs instead of 1\u202f000/);
    assert.is(first.results["quick"], true);
    const second = await runExperiment("gradient-descent", options);
    assert.ok(notes.some((note) => note.startsWith("Using the dataset")));
    assert.equal(second.results["estimatedWeights"], first.results["estimatedWeights"]);
    // A damaged one is generated again.
    const file = path.join(out, "data", "lsm", "shard-00000.arrow");
    const shard = await readFile(file);
    const bytes = Buffer.from(shard);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file, bytes);
    await runExperiment("gradient-descent", options);
    assert.equal(await readFile(file), shard);
  }),
);

test(
  "wrong names and options are refused, and so is a folder of someone else",
  inFolder(async (folder) => {
    const out = path.join(folder, "x");
    await refuses(runExperiment("toString", { out }), "usage", "There is no experiment");
    await refuses(
      runExperiment("walk", { out, overrides: { epochs: 3 } }),
      "usage",
      "epochs is not an option of the experiment walk",
    );
    assert.not.ok(existsSync(out));
    const held = path.join(folder, "held");
    await runExperiment("walk", { out: held });
    await writeFile(path.join(held, ".lock"), `${process.ppid} 0\n`);
    await refuses(runExperiment("walk", { out: held }), "failed", "being written by process");
    assert.ok(existsSync(path.join(held, "report.html")), "what the other has made stays");
    const foreign = path.join(folder, "foreign");
    await mkdir(foreign);
    await writeFile(path.join(foreign, "thesis.txt"), "years of work");
    await refuses(runExperiment("walk", { out: foreign }), "failed", "is not empty");
    assert.is(await readFile(path.join(foreign, "thesis.txt"), "utf8"), "years of work");
  }),
);

test(
  "options that contradict the experiment are refused before anything is made",
  inFolder(async (folder) => {
    const out = path.join(folder, "x");
    const refused: [string, string, OptionValue][] = [
      ["sgd", "model", "mlp"],
      ["batches-overlaid", "model", "mlp"],
      ["hundred-million", "model", "mlp"],
      ["autograd", "gradients", "explicit"],
    ];
    for (const [name, option, value] of refused) {
      await refuses(
        runExperiment(name, { out, overrides: { [option]: value } }),
        "usage",
        `${option} is not an option of the experiment ${name}`,
      );
    }
    for (const optimizer of ["closed-form", "gradient-descent"]) {
      await refuses(
        runExperiment("sgd", { out, overrides: { optimizer } }),
        "usage",
        `optimizer ${optimizer} takes all rows`,
      );
    }
    assert.not.ok(existsSync(out));
  }),
);

test(
  "fewer rows than five batches: as many batches as there are, unless the number was asked for",
  inFolder(async (folder) => {
    const few = { rows: 3000, epochs: 1 };
    const out = path.join(folder, "few");
    const { results } = await runExperiment("batches-overlaid", { out, overrides: few });
    assert.is((results["lowestOfBatches"] as unknown[]).length, 3);
    await refuses(
      runExperiment("batches-overlaid", { out, overrides: { ...few, batches: 5 } }),
      "usage",
      "batches is 5, but there are 3",
    );
  }),
);

test(
  "a folder that cannot be is told in a sentence",
  inFolder(async (folder) => {
    const file = path.join(folder, "file");
    await writeFile(file, "");
    for (const out of [file, path.join(file, "below")]) {
      await refuses(
        runExperiment("walk", { out }),
        "failed",
        "cannot hold an experiment: it is a file",
      );
    }
  }),
);

test(
  "interrupted at any step, also in a pass over the data, it says that the same command starts again",
  inFolder(async (folder) => {
    const overrides = { rows: 20_000 };
    for (const [name, at] of [
      ["lsm-data", "Generating"],
      ["sgd", "Training"],
      ["lsm-data", "Using"],
    ] as const) {
      const controller = new AbortController();
      const onNote = (note: string): void => {
        if (note.startsWith(at)) controller.abort();
      };
      const out = path.join(folder, name);
      if (at === "Using") await runExperiment(name, { out, overrides });
      await refuses(
        runExperiment(name, { out, overrides, signal: controller.signal, onNote }),
        "interrupted",
        `The experiment ${name} was interrupted; the same command starts it again`,
      );
      assert.not.ok(existsSync(path.join(out, "results.json")));
    }
  }),
);

test.run();
