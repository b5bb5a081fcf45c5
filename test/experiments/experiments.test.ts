import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { VadiError } from "../../src/index.js";
import { experiments, runExperiment } from "../../src/experiments/index.js";
import type { OptionValue } from "../../src/experiments/index.js";
import type { LineFigure, ReportSection } from "../../src/report/index.js";
import { openDataset } from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";

/** Experiments shrunk so that all of them run in seconds; the notebook's numbers are checked below. */
const SMALL: Record<string, Record<string, OptionValue>> = {
  "lsm-data": {},
  paraboloid: {},
  walk: {},
  "slice-random": {},
  "slice-optimum": {},
  "sgd-large": { rows: 20_000, batchSize: 1000, epochs: 2 },
  "batches-overlaid": { epochs: 100, learningRate: 0.01 },
  "two-layer-sigmoid-data": {},
  mlp: { rows: 20_000, batchSize: 1000, epochs: 3 },
  "mlp-batches-overlaid": { rows: 20_000, batchSize: 1000, epochs: 3 },
  "mlp-zoom": { rows: 20_000, batchSize: 1000, epochs: 3 },
  "hundred-million": { rows: 200_000 },
  device: { rows: 5000, batchSize: 1000, epochs: 2 },
  "non-convexity": { rows: 20_000, batchSize: 1000, epochs: 5 },
  optimisers: { rows: 20_000, batchSize: 1000, epochs: 2 },
};

async function run(
  folder: string,
  name: string,
  onNote: (note: string) => void = () => {},
): Promise<{ results: Record<string, unknown>; html: string }> {
  const out = path.join(folder, name);
  const made = await runExperiment(name, { out, overrides: SMALL[name] ?? {}, onNote });
  const text = await readFile(path.join(out, "results.json"), "utf8");
  assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(made.results)), "results.json");
  assert.is(made.report, path.join(out, "report.html"));
  return { results: made.results, html: await readFile(made.report, "utf8") };
}

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

interface LineResults {
  alphas: number[];
  meanLosses: number[];
  lowestOfMean: { alpha: number; loss: number };
  lowestOfBatches: { batch: number; alpha: number; loss: number }[];
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

test(
  "the data's statistics are those of the model",
  inFolder(async (folder) => {
    const { results } = await run(folder, "lsm-data");
    const statistics = results["statistics"] as { target: { variance: number; count: number } };
    const truth = results["trueWeights"] as number[];
    const expected = truth.reduce((sum, w) => sum + w * w, 0) + 0.01;
    // The sample variance of N normals has a relative standard deviation of √(2/N): five of them.
    assert.ok(Math.abs(statistics.target.variance / expected - 1) < 5 * Math.sqrt(2 / 10_000));
  }),
);

test(
  "the paraboloid's cut is z = 2x², the walk goes through the floor half-way",
  inFolder(async (folder) => {
    const { cut } = (await run(folder, "paraboloid")).results as {
      cut: { x: number; y: number; z: number }[];
    };
    for (const { x, y, z } of cut) {
      assert.is(y, -x);
      assert.ok(Math.abs(z - 2 * x * x) < 1e-12);
    }
    const { results } = await run(folder, "walk");
    const heights = results["heights"] as number[];
    assert.is(heights.length, 100);
    assert.is(heights[0], 200);
    assert.is(results["lowestStep"], 50);
    assert.ok(Math.abs((heights[99] ?? NaN) - 2 * 9.8 ** 2) < 1e-9, "one step short of the end");
  }),
);

test(
  "there is no optimum between two random points, and one along a line through the estimate",
  inFolder(async (folder) => {
    const random = (await run(folder, "slice-random")).results as unknown as LineResults;
    assert.is(random.alphas.length, 100);
    assert.is(random.alphas[0], 0);
    assert.ok(Math.abs((random.alphas[99] ?? NaN) - 0.99) < 1e-12);
    // The noise's variance is 0.01; the line stays far above it.
    assert.ok(Math.min(...random.meanLosses) > 1);
    const bowl = (await run(folder, "slice-optimum")).results as unknown as LineResults;
    assert.is(bowl.lowestOfMean.alpha, bowl.alphas[50]);
    assert.ok(Math.abs(bowl.lowestOfMean.alpha) < 1e-12);
    assert.ok(Math.abs(bowl.lowestOfMean.loss - 0.01) < 0.001);
    // A bowl: convex all along the grid.
    for (let i = 1; i < 99; i++) {
      const [a = NaN, b = NaN, c = NaN] = bowl.meanLosses.slice(i - 1, i + 2);
      assert.ok(a + c > 2 * b);
    }
  }),
);

test(
  "batches are overlaid one by one",
  inFolder(async (folder) => {
    const { results, html } = await run(folder, "batches-overlaid");
    const { lowestOfBatches } = results as unknown as LineResults;
    assert.equal(
      lowestOfBatches.map(({ batch }) => batch),
      [0, 1, 2, 3, 4],
    );
    assert.match(html, "batch 4");
  }),
);

test(
  "the maxima of the two-layer-sigmoid data are those of its manifest, and healthy",
  inFolder(async (folder) => {
    const { results } = await run(folder, "two-layer-sigmoid-data");
    const file = path.join(folder, "two-layer-sigmoid-data/data/two-layer-sigmoid/manifest.json");
    const manifest = JSON.parse(await readFile(file, "utf8")) as {
      constants: { maxima: number[] };
    };
    const maxima = results["maxima"] as number[];
    assert.equal(maxima, manifest.constants.maxima);
    assert.ok(maxima.every((maximum) => maximum > 0.5));
  }),
);

/** The sections of an experiment's document. */
async function sectionsOf(out: string): Promise<ReportSection[]> {
  const text = await readFile(path.join(out, "experiment.json"), "utf8");
  return (JSON.parse(text) as { sections: ReportSection[] }).sections;
}

/** A number as a report writes it. */
function numberOf(text = ""): number {
  return Number(text.replace("−", "-"));
}

test(
  "the two-layer-sigmoid data's text tells the targets' range, whichever sign the maximum has",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    // The second maximum of the first seed is positive, of the other negative.
    for (const [seed, sign] of [
      [10, 1],
      [3, -1],
    ] as const) {
      const { results } = await runExperiment("two-layer-sigmoid-data", {
        out,
        overrides: { seed, rows: 2000 },
      });
      assert.is(Math.sign((results["maxima"] as number[])[1] ?? NaN), sign);
      const { y } = await (await openDataset(path.join(out, "data/two-layer-sigmoid"))).head(2000);
      const [least, most] = [Math.min(...y), Math.max(...y)];
      assert.is(sign > 0 ? most : least, 1);
      const text = (await sectionsOf(out)).find(({ id }) => id === "target")?.text ?? "";
      const range = /The targets run from (.+) to (.+)\.$/.exec(text) ?? [];
      assert.ok(Math.abs(numberOf(range[1]) - least) < 1e-5, text);
      assert.ok(Math.abs(numberOf(range[2]) - most) < 1e-5, text);
      assert.is(text.includes("that value 1, the smallest target"), sign < 0);
      assert.not.match(text, "largest target 1");
    }
  }),
);

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
  "all optimisers start from the same loss, and stand in one figure by step and one by time",
  inFolder(async (folder) => {
    const notes: string[] = [];
    const { results, html } = await run(folder, "optimisers", (note) => void notes.push(note));
    for (const [key, name] of [
      ["lsm", "lsm"],
      ["twoLayerSigmoid", "sigmoid"],
    ] as const) {
      const found = results[key] as Record<
        string,
        { learningRate: number; finalLoss: number; secondsAfterFirstStep: number }
      >;
      assert.equal(Object.keys(found), ["sgd", "momentum", "rmsprop", "adam"]);
      assert.equal(
        Object.values(found).map(({ learningRate }) => learningRate),
        [0.01, 0.01, 0.001, 0.001],
      );
      const starts = new Set<unknown>();
      for (const optimizer of Object.keys(found)) {
        const journal = path.join(folder, "optimisers/runs", `${name}-${optimizer}/history.jsonl`);
        const [first = ""] = (await readFile(journal, "utf8")).split("\n");
        starts.add((JSON.parse(first) as { loss: number }).loss);
      }
      assert.is(starts.size, 1, "the same start");
      for (const id of ["training-curves", "training-curves-time"])
        assert.match(html, `${id}-${name}`);
      assert.ok(
        notes.indexOf(`Training ${name}-warm-up.`) === notes.indexOf(`Training ${name}-sgd.`) - 1,
        "a training before the first measured one",
      );
      assert.not.ok(existsSync(path.join(folder, "optimisers/runs", `${name}-warm-up`)));
      const figure = (await sectionsOf(path.join(folder, "optimisers")))
        .flatMap((section) => section.blocks)
        .find((block) => block.id === `training-curves-time-${name}`);
      assert.ok(figure?.kind === "lines");
      assert.match(figure.caption, "counted from the first step");
      assert.match(figure.caption, "An epoch of training before the first run is not shown");
      for (const [at, optimizer] of Object.keys(found).entries()) {
        const journal = path.join(folder, "optimisers/runs", `${name}-${optimizer}/history.jsonl`);
        const seconds = (await readFile(journal, "utf8"))
          .trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as { seconds: number }).seconds);
        const since = seconds.map((time) => time - seconds[0]!);
        assert.equal(figure.series[at]?.x, since, "the start of threads and kernels is left out");
        assert.is(found[optimizer]?.secondsAfterFirstStep, since.at(-1));
        if (optimizer !== "adam" && optimizer !== "rmsprop") continue;
        // 20 000 rows in batches of 1000, twice.
        assert.is(seconds.length, 40);
        const moved = optimizer === "adam" ? "0\\.04" : "0\\.12";
        assert.match(
          figure.caption,
          new RegExp(
            `only 40 steps of learning rate 0\\.001, ${optimizer} moves a weight by about ${moved}`,
          ),
        );
      }
    }
  }),
);

test(
  "the MLP's experiments and the large ones run, and each option can be overridden",
  inFolder(async (folder) => {
    for (const name of [
      "mlp",
      "mlp-batches-overlaid",
      "mlp-zoom",
      "sgd-large",
      "hundred-million",
    ]) {
      const { results, html } = await run(folder, name);
      assert.is(typeof results["finalLoss"], "number");
      assert.equal(results["options"], { ...experiments[name]?.defaults, ...SMALL[name] });
      assert.not.match(html, "quick form");
    }
    const large = JSON.parse(
      await readFile(path.join(folder, "hundred-million/results.json"), "utf8"),
    ) as { trueWeights: number[] };
    assert.is(large.trueWeights.length, 10);
  }),
);

test(
  "the same training on every backend ends at the same losses, and what is not here is listed",
  inFolder(async (folder) => {
    const { results, html } = await run(folder, "device");
    const { backends, notRun, gpu, largestLossDifference } = results as {
      backends: { name: string; linear: { loss: number; seconds: number } }[];
      notRun: { name: string; install: string }[];
      gpu: boolean;
      largestLossDifference: { linear: number; mlp: number };
    };
    assert.equal(
      backends.map(({ name }) => name),
      ["wasm", "cpu"],
    );
    assert.equal(
      notRun.map(({ install }) => install),
      ["gpu", "native", "webgpu"].map((name) => `vadi backend install ${name}`),
    );
    assert.is(gpu, false);
    for (const { linear } of backends) assert.ok(linear.loss > 0 && linear.seconds > 0);
    // Sums of at most 1000 float32 products in another order.
    assert.ok(largestLossDifference.linear < 1e-5 && largestLossDifference.mlp < 1e-5);
    assert.match(html, "There was no GPU");
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
    assert.match(await readFile(first.report, "utf8"), "100 epochs instead of 1000");
    assert.is(first.results["quick"], true);
    const second = await runExperiment("gradient-descent", options);
    assert.ok(notes.some((note) => note.startsWith("Using the dataset")));
    assert.equal(second.results["estimatedWeights"], first.results["estimatedWeights"]);
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
        `--optimizer ${optimizer} takes all rows`,
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
      "--batches is 5, but there are 3",
    );
  }),
);

test(
  "a folder that cannot be is told in a sentence",
  inFolder(async (folder) => {
    const file = path.join(folder, "file");
    await writeFile(file, "");
    for (const out of [file, path.join(file, "below")]) {
      await refuses(runExperiment("walk", { out }), "failed", "cannot be an experiment's folder");
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
