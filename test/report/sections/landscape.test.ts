import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { memoryDataset } from "../../helpers/memory-dataset.js";
import { landscape } from "../../../src/landscape/index.js";
import { reordered } from "../../../src/landscape/directions/symmetries.js";
import { languageOf } from "../../../src/language/index.js";
import { saveNetwork } from "../../../src/model/index.js";
import type { FactTable, LineFigure, SurfaceFigure } from "../../../src/report/figures/figure.js";
import { sectionsOfLandscape } from "../../../src/report/sections/landscape.js";
import { runOf } from "../../landscape/example.js";
import { network, normals, numbers } from "../../landscape/numbers.js";

const folder = mkdtempSync(path.join(tmpdir(), "vadi-sections-"));
test.after(() => rm(folder, { recursive: true, force: true }));

const next = normals(3);
const weights = network(next, [3, 6, 1], 1);
const x = numbers(next, 180);
// The network's own predictions.
const y = Float32Array.from({ length: 60 }, (_, row) =>
  Array.from({ length: 6 }, (_unit, unit) => {
    const inputs = [0, 1, 2].map((at) => x[3 * row + at]! * weights[0]!.weights[6 * at + unit]!);
    return Math.max(0, inputs[0]! + inputs[1]! + inputs[2]!) * weights[1]!.weights[unit]!;
  }).reduce((sum, one) => sum + one, 0),
);
const dataset = memoryDataset(x, y);
const run = runOf(weights, "sections");
const english = languageOf("en");

test("an aligned line shows both lines, both barriers and the straight line between the ends", async () => {
  const copy = path.join(folder, "copy");
  await saveNetwork(copy, reordered(weights, 1, [1, 2, 3, 4, 5, 0]));
  const made = await landscape(run, {
    dataset,
    along: `model:${copy}`,
    align: true,
    batches: "all",
    points: 11,
    out: path.join(folder, "aligned"),
  });
  const { record } = made;
  const [section] = await sectionsOfLandscape(english, made);
  assert.match(section!.title, /^With the units matched, the barrier .* falls from .* to /);
  const figure = section!.blocks[0] as LineFigure;
  assert.is(figure.id, "side-by-side");
  const [before, after, chord] = figure.series;
  const above = Array.from(before!.y, (loss) => loss - before!.y[0]!);
  assert.ok(Math.abs(Math.max(...above) - record.unaligned!.height) < 1e-6);
  for (const loss of [...Array.from(after!.y), ...Array.from(chord!.y)]) assert.ok(loss < 1e-9);
  const slices = section!.blocks.find(({ id }) => id === "slices") as LineFigure;
  assert.is(slices.series.filter(({ role }) => role === "batch").length, record.batches.length);
  const table = section!.blocks.find(({ id }) => id === "barrier") as FactTable;
  assert.equal(table.rows[0], ["barrier", record.unaligned!.height, record.barrier!.height]);
});

test("the factors of two layers have a curved valley, with its floor, two minima and their midpoint", async () => {
  const out = path.join(folder, "factors");
  const made = await landscape(run, { dataset, along: "rescale", plane: true, points: 21, out });
  const [section] = await sectionsOfLandscape(english, made);
  const { rise, product } = made.record.symmetry!;
  assert.match(section!.title, "The valley is curved");
  const [surface, map] = section!.blocks as SurfaceFigure[];
  assert.equal([surface!.xs[0], map!.ys[20], surface!.x.symbol], [0, 2, "a"]);
  const [floor, minima, middle] = surface!.marks!;
  // The targets are the network's own predictions, so that c = 1 and the floor lies at 0.
  assert.ok(Math.abs(product!.value - 1) < 1e-6);
  for (const [at, a] of Array.from(floor!.x).entries())
    assert.ok(Math.abs(a * floor!.y[at]! - product!.value) < 1e-12);
  assert.ok(Math.abs(minima!.x[0]! * minima!.y[0]! - product!.value) < 1e-12);
  assert.ok(Math.abs(middle!.z[0]! - floor!.z[0]! - rise!.value) < 1e-6 * rise!.value);
  const table = section!.blocks.find(({ id }) => id === "factors") as FactTable;
  assert.equal(table.rows.at(-1)!.slice(1), [rise!.value, rise!.bound]);
});

test.run();
