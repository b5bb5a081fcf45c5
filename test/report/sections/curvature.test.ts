import { readFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { curvature, type PathSharpness, type PathStability } from "../../../src/curvature/index.js";
import { languageOf } from "../../../src/language/index.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { train } from "../../../src/train/index.js";
import { sectionsOfCurvature } from "../../../src/report/sections/curvature/curvature.js";
import { claimOf } from "../../../src/report/sections/curvature/path.js";
import { report } from "../../../src/report/sources.js";
import { example, folder } from "../../landscape/example.js";

const english = languageOf("en");

test("a curvature is a claim, the density, both ends, kinks, single batches and its settings", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 200, "curvature-report");
  const made = await curvature(run, {
    dataset,
    density: true,
    perBatch: true,
    kinks: 0.2,
    vectors: 3,
  });
  const [spectrum, batches, settings] = await sectionsOfCurvature(english, made);
  const { least, largest, perBatch } = made.record;
  assert.ok(least[0]!.eigenvalue + least[0]!.residual < 0);
  assert.match(spectrum!.title, /^The loss is not convex: the least eigenvalue .* is −\d/);
  const figures = spectrum!.blocks.filter((block) => block.kind === "lines");
  assert.equal(
    figures.map(({ id }) => id),
    ["curvature-density", "curvature-least", "curvature-largest"],
  );
  // The density's figure has its range above the values that are no more than rounding.
  const [density, low, high] = figures;
  const [bottom, top] = density!.y.range!;
  const heights = Array.from(density!.series[0]!.y);
  assert.ok(bottom > 0 && top > Math.max(...heights) && Math.max(...heights) > 1e3 * bottom);
  assert.equal(
    Array.from(low!.series[0]!.y),
    least.map(({ eigenvalue }) => eigenvalue),
  );
  assert.equal(
    Array.from(high!.series[0]!.y),
    largest.map(({ eigenvalue }) => eigenvalue),
  );
  const tables = spectrum!.blocks.filter((block) => block.kind === "table");
  assert.equal(
    tables.map(({ id }) => id),
    ["curvature-spectrum", "curvature-pairs", "curvature-kinks"],
  );
  assert.is(tables[1]!.rows.length, 6);
  assert.is(tables[2]!.rows.length, 2);
  const [ofLeast, ofLargest] = batches!.blocks.filter((block) => block.kind === "lines");
  assert.is(ofLeast!.series[0]!.x.length, 5);
  assert.is(Math.min(...Array.from(ofLeast!.series[0]!.y)), perBatch!.least[0]);
  assert.is(Math.max(...Array.from(ofLargest!.series[0]!.y)), perBatch!.largest[1]);
  assert.equal(Array.from(ofLargest!.series[1]!.y), Array(2).fill(largest[0]!.eigenvalue));
  assert.match(settings!.command!, /^vadi curvature .*--per-batch/);
  const turkish = await sectionsOfCurvature(languageOf("tr"), made);
  assert.match(turkish[0]!.title, /dışbükey değil/);
  const out = path.join(folder, "curvature.html");
  await report([made.dir], { out });
  const page = await readFile(out, "utf8");
  assert.ok(page.includes("curvature-density") && page.includes("curvature-batches-largest"));
});

test("the parts of the Hessian say which they are", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 100, "curvature-parts");
  const title = async (part: "gauss-newton" | "residual"): Promise<string> => {
    const made = await curvature(run, { dataset, part, vectors: 1, products: 60 });
    const [first] = await sectionsOfCurvature(english, made);
    // A single eigenvalue at each end needs no figure.
    assert.ok(first!.blocks.every(({ kind }) => kind === "table"));
    return first!.title;
  };
  assert.match(await title("gauss-newton"), /never negative, has the largest eigenvalue/);
  assert.match(await title("residual"), /has eigenvalues from −/);
});

test("a run's report has its curvatures, with the largest eigenvalue over the training and 2/η", async () => {
  const data = path.join(folder, "edge-data");
  await writeDataset({ kind: "two-layer-sigmoid", rows: 200, features: 3, seed: 4, out: data });
  const run = await train(await openDataset(data), {
    model: "mlp:6,4",
    optimizer: "gradient-descent",
    learningRate: 0.8,
    epochs: 6,
    out: path.join(folder, "edge-run"),
  });
  const made = await curvature(run, { alongPath: true, vectors: 1 });
  const found = await made.alongPath();
  const [, section] = await sectionsOfCurvature(english, made);
  const [figure, table] = section!.blocks;
  assert.ok(figure?.kind === "lines" && table?.kind === "table");
  const [curve, limit] = figure.series;
  assert.equal(Array.from(curve!.x), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(
    Array.from(curve!.y),
    found.map(({ largest }) => largest),
  );
  assert.is(limit!.name, "2/η = 2.5");
  assert.equal(new Set(Array.from(limit!.y)), new Set([2.5]));
  assert.ok(figure.y.range![1] > 2.5);
  const highest = Math.max(...found.map(({ largest }) => largest));
  assert.ok(highest < 2.5);
  assert.match(section!.title, /stays below 2\/\u2060η: it is at most \d/);
  const out = path.join(folder, "edge.html");
  await report([run.dir], { out });
  assert.ok((await readFile(out, "utf8")).includes('id="curvature-path-hessian"'));
});

const AT = { step: 0, largest: 2, residual: 0, limit: 4 };

/** A path of eleven snapshots up to step 100, from 2 to 3. */
function pathWith(own: Partial<PathStability> | null): PathSharpness {
  return {
    snapshots: 11,
    unconverged: 0,
    first: AT,
    last: { ...AT, step: 100, largest: 3 },
    highest: { ...AT, step: 50, largest: 3.9 },
    stability: own && {
      formula: "2/η",
      above: 0,
      below: 11,
      undecided: 0,
      crossing: null,
      nearest: { step: 50, ratio: 0.975 },
      since: null,
      ...own,
    },
  };
}

function say(own: Partial<PathStability> | null): string {
  return claimOf(english.texts, pathWith(own)).replaceAll("\u2060", "");
}

test("the sentence on the largest eigenvalue follows from the numbers", () => {
  assert.is(say(null), "The largest eigenvalue of the Hessian goes from 2 to 3 over 100 steps");
  assert.is(
    say({}),
    "The largest eigenvalue of the Hessian stays below 2/η: it is at most 97.5\u00a0% of it, at step 50",
  );
  assert.is(
    say({ below: 10, undecided: 1, nearest: { step: 50, ratio: 1.00012 } }),
    "The largest eigenvalue of the Hessian is not above 2/η by more than its residual: it is 1 times it at step 50",
  );
  const since = { snapshots: 5, above: 4, least: 0.97, mean: 1.01, largest: 1.0812 };
  assert.is(
    say({ above: 4, below: 7, crossing: { after: 50, by: 60, limit: 4 }, since }),
    "The largest eigenvalue of the Hessian rises from 2 above 2/η = 4 between steps 50 and 60, and is then 0.97 to 1.081 times it",
  );
  const only = { ...since, snapshots: 1, above: 1 };
  assert.is(
    say({ above: 1, below: 10, crossing: { after: 90, by: 100, limit: 4 }, since: only }),
    "The largest eigenvalue of the Hessian rises from 2 above 2/η = 4 between steps 90 and 100",
  );
  assert.is(
    say({ above: 4, below: 7, crossing: { after: null, by: 0, limit: 1.5 }, since }),
    "The largest eigenvalue of the Hessian is above 2/η = 1.5 at step 0 already, and is then 0.97 to 1.081 times it",
  );
});

test.run();
