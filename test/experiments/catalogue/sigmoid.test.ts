import { readFile } from "node:fs/promises";
import path from "node:path";
import { experiments, runExperiment } from "../../../src/experiments/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { run, sectionsOf, SMALL } from "../small.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

/** A number as a report writes it. */
function numberOf(text = ""): number {
  return Number(text.replace("−", "-"));
}

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

test.run();
