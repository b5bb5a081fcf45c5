import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { certify } from "../../../src/curvature/index.js";
import { languageOf } from "../../../src/language/index.js";
import { sectionsOfCertificate } from "../../../src/report/sections/curvature/certificate.js";
import { report } from "../../../src/report/sources.js";
import { example, folder } from "../../landscape/example.js";
import { readFile } from "node:fs/promises";

test("a certificate is a claim, the slice with shaded ranges, its second derivative, and kinks", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 60, "certified-report");
  const made = await certify(run, { dataset, batches: "all", from: -2, to: 2 });
  const [section, settings] = await sectionsOfCertificate(languageOf("en"), made);
  const { lengths, kinkCounts, kinks } = made.record;
  assert.match(section!.title, /not convex/);
  assert.match(section!.title, new RegExp(`falls at ${kinkCounts.falling} kinks`));
  const [slice, second] = section!.blocks;
  assert.ok(slice?.kind === "lines" && second?.kind === "lines");
  assert.equal([slice.id, second.id], ["certified-slice", "certified-second"]);
  const [loss, ticks] = slice.series;
  assert.is(loss!.x.length, 1001);
  assert.is(ticks!.role, "ticks");
  assert.is(ticks!.x.length, Math.min(300, kinks.length));
  // The shaded ranges are those with a negative second derivative, joined where a reader sees no gap.
  const shaded = slice.shades?.find(({ name }) => name.includes("negative"))?.ranges ?? [];
  const length = shaded.reduce((sum, [from, to]) => sum + to - from, 0);
  assert.ok(length >= lengths.negative - 1e-12 && length < lengths.negative + 0.1);
  const tables = section!.blocks.filter(({ kind }) => kind === "table");
  assert.is(tables.length, 2);
  assert.match(settings!.command!, /^vadi certify /);
  const turkish = await sectionsOfCertificate(languageOf("tr"), made);
  assert.match(turkish[0]!.title, /dışbükey değil/);
  const out = path.join(folder, "certificate.html");
  await report([made.dir], { out });
  assert.ok((await readFile(out, "utf8")).includes("certified-slice"));
});

test("a convex line says so", async () => {
  const { run, dataset } = example([3, 1], 60, "certified-convex-report");
  const made = await certify(run, { dataset });
  const [section] = await sectionsOfCertificate(languageOf("en"), made);
  assert.match(section!.title, /is convex/);
  assert.is(section!.blocks.filter(({ kind }) => kind === "lines").length, 2);
});

test.run();
