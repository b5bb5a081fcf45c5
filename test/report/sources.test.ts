import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { landscape, openLandscape } from "../../src/landscape/index.js";
import type { Cell, FactTable, LineFigure, ReportSection } from "../../src/report/index.js";
import {
  compareRuns,
  report,
  sectionsOfLandscape,
  sectionsOfRun,
  writeExperimentDocument,
} from "../../src/report/index.js";
import { writeDataset } from "../../src/storage/index.js";
import { openDataset } from "../../src/stream/index.js";
import { openRun, train } from "../../src/train/index.js";
import { messageOf } from "../helpers/message-of.js";
import { languageOf } from "../../src/language/index.js";

const english = languageOf("en");

const folder = await mkdtemp(path.join(tmpdir(), "vadi-report-"));
const at = (...names: string[]): string => path.join(folder, ...names);

await writeDataset({ kind: "lsm", out: at("data"), rows: 2000, features: 3, workers: 1 });
const dataset = await openDataset(at("data"));
const options = { model: "linear", batchSize: 100, learningRate: 0.01 };
const run = await train(dataset, { ...options, out: at("linear"), epochs: 20 });
await train(dataset, { ...options, out: at("solved"), optimizer: "closed-form" });
await landscape(run, { points: 11, batches: 3 });
await landscape(run, { points: 11, batches: 2, along: "random-points", out: at("between") });

function tableOf(sections: ReportSection[], id: string): FactTable {
  const found = sections.flatMap(({ blocks }) => blocks).find((block) => block.id === id);
  assert.is(found?.kind, "table", id);
  return found as FactTable;
}

function figureOf(sections: ReportSection[], id: string): LineFigure {
  const found = sections.flatMap(({ blocks }) => blocks).find((block) => block.id === id);
  assert.is(found?.kind, "lines", id);
  return found as LineFigure;
}

function valueOf(table: FactTable, name: string): Cell | undefined {
  return table.rows.find(([first]) => first === name)?.[1];
}

test("a run's sections hold the facts, the curve, the results, the weights and the settings", async () => {
  const sections = await sectionsOfRun(english, run, dataset);
  const facts = tableOf(sections, "dataset-facts");
  assert.is(valueOf(facts, "rows"), 2000);
  assert.is(valueOf(facts, "noise (standard deviation)"), 0.1);
  assert.is(valueOf(facts, "fingerprint (SHA-256)"), dataset.fingerprint);

  const curve = figureOf(sections, "training-curve");
  const history = await run.history();
  assert.equal(
    Array.from(curve.series[0]?.y ?? []),
    history.map((row) => row.loss),
  );
  const losses = history.map((row) => row.loss);
  const spansDecade = Math.max(...losses) > 10 * Math.min(...losses);
  assert.is(curve.y.scale, spansDecade ? "log" : "linear");
  const floor = curve.series.find((series) => series.role === "reference");
  assert.ok(Math.abs((floor?.y[0] ?? 0) - 0.01) < 1e-12, "the noise's variance");

  assert.is(
    valueOf(tableOf(sections, "result"), "final loss (mean squared error)"),
    run.record.result?.loss,
  );
  const weights = tableOf(sections, "weights");
  assert.equal(weights.columns, ["feature", "true", "trained", "difference"]);
  assert.ok(dataset.manifest.kind === "lsm");
  assert.equal(
    weights.rows.map((row) => row[1]),
    dataset.manifest.truth.w,
  );
  assert.equal(
    weights.rows.map((row) => row[2]),
    run.record.result?.weights,
  );
  assert.is(sections.at(-1)?.command, run.record.command);
});

test("without its dataset a run says so, and shows what it recorded", async () => {
  const sections = await sectionsOfRun(english, run);
  const about = sections.find(({ id }) => id === "dataset");
  assert.match(about?.notice ?? "", "no longer in its folder");
  assert.is(valueOf(tableOf(sections, "dataset-facts"), "rows"), 2000);
  assert.equal(tableOf(sections, "weights").columns, ["feature", "trained"]);
});

test("runs are compared in one figure and one table", async () => {
  const solved = await openRun(at("solved"));
  const section = await compareRuns(english, [run, solved]);
  assert.equal(
    figureOf([section], "training-curves").series.map((series) => series.name),
    ["linear"],
    "the closed form has no curve",
  );
  assert.equal(
    tableOf([section], "runs-compared").rows.map((row) => row[0]),
    ["linear", "solved"],
  );
});

test("a run that diverged is told as one, and does not flatten those it is compared with", async () => {
  const steep = { ...options, learningRate: 3, epochs: 20, out: at("diverged") };
  assert.match(await messageOf(train(dataset, steep)), "diverged");
  const diverged = await openRun(at("diverged"));
  assert.is(diverged.record.status, "diverged");
  const alone = figureOf(await sectionsOfRun(english, diverged, dataset), "training-curve");
  assert.match(alone.caption, /^Look for where the loss begins to grow, away from the variance/);
  assert.match(alone.caption, "no longer a finite number");
  assert.is(alone.y.range, undefined, "all of it is shown");

  const { blocks } = await compareRuns(english, [run, diverged]);
  const losses = (await run.history()).map(({ loss }) => loss);
  for (const id of ["training-curves", "training-curves-time"]) {
    const figure = figureOf([{ id: "runs", title: "Runs", blocks }], id);
    assert.match(figure.caption, "The loss of diverged grows without end");
    const [low, high] = figure.y.range ?? [NaN, NaN];
    assert.ok(low < Math.min(...losses) && low > 0);
    assert.ok(high > Math.max(...losses) && high < 100 * Math.max(...losses));
    const grown = Array.from(figure.series[1]?.y ?? []);
    assert.ok(high > (grown[0] ?? NaN) && high < Math.max(...grown), "it begins in sight");
  }
  const same = await compareRuns(english, [run, run], ["one", "other"]);
  assert.match(same.title, /^one and other end lowest, all at a loss of 0\.\d+$/);
  const both = await compareRuns(english, [diverged, diverged], ["one", "other"]);
  const figure = figureOf([both], "training-curves");
  assert.match(figure.caption, "Look for which run’s loss grows fastest");
  assert.is(figure.y.range, undefined);
});

test("a landscape's sections hold each batch, the mean, the band and the lowest points", async () => {
  const opened = await openLandscape(at("between"));
  const sections = await sectionsOfLandscape(english, opened);
  const figure = figureOf(sections, "slices");
  const batches = figure.series.filter((series) => series.role === "batch");
  const curves = await opened.curves();
  assert.equal(
    batches.map((series) => Array.from(series.y)),
    curves.map(({ losses }) => [...losses]),
  );
  assert.ok(batches.every((series) => series.lowest === true));
  const mean = figure.series.find((series) => series.role === "mean");
  const middle = (curves[0]?.losses[5] ?? NaN) / 2 + (curves[1]?.losses[5] ?? NaN) / 2;
  assert.ok(Math.abs((mean?.y[5] ?? NaN) - middle) < 1e-12 * middle);
  assert.is(figure.bands?.length, 1);
  assert.match(figure.x.title, "random point");
  const table = tableOf(sections, "lowest-points");
  assert.equal(
    table.rows.map((row) => row[2]),
    curves.map(({ losses }) => Math.min(...losses)),
  );
  assert.is(sections.at(-1)?.command, opened.record.command);
});

test("of a standardised run every loss names its units, and what is compared with others says so", async () => {
  const standardized = await train(dataset, {
    ...options,
    out: at("standardized"),
    epochs: 2,
    standardize: true,
    validation: 0.2,
  });
  const made = await landscape(standardized, { points: 5, batches: 1 });
  assert.is(made.record.standardized, true);
  const sections = [
    ...(await sectionsOfRun(english, standardized, dataset)),
    ...(await sectionsOfLandscape(english, made)),
  ];
  const units = "mean squared error of the standardised target";
  for (const id of ["training-curve", "slices"])
    assert.match(figureOf(sections, id).y.title, units, id);
  const result = tableOf(sections, "result");
  assert.is(valueOf(result, `final loss (${units})`), standardized.record.result?.loss);
  assert.is(
    valueOf(result, `least loss of the validation rows (${units})`),
    standardized.record.result?.validation?.loss,
  );
  const plane = await landscape(standardized, {
    points: 3,
    batches: 1,
    plane: true,
    out: at("plane"),
  });
  const [shown] = await sectionsOfLandscape(english, plane);
  const surface = shown?.blocks.find((block) => block.kind === "surface");
  assert.ok(surface?.kind === "surface");
  assert.match(surface.z.title, units);

  const mixed = await compareRuns(english, [run, standardized]);
  const curves = figureOf([mixed], "training-curves");
  assert.not.match(curves.y.title, "standardised");
  assert.match(curves.caption, "The losses of standardized are those of the standardised target");
  const table = tableOf([mixed], "runs-compared");
  const column = table.columns.indexOf("loss of");
  assert.equal(
    table.rows.map((row) => row[column]),
    ["the target", "the standardised target"],
  );
  const alike = tableOf(
    [await compareRuns(english, [run, run], ["one", "other"])],
    "runs-compared",
  );
  assert.not.ok(alike.columns.includes("loss of"));
});

test("curves against time begin with the first logged step", async () => {
  const figure = figureOf(
    [await compareRuns(english, [run, run], ["one", "other"])],
    "training-curves-time",
  );
  const seconds = (await run.history()).map((row) => row.seconds);
  assert.equal(
    figure.series[1]?.x,
    seconds.map((time) => time - seconds[0]!),
  );
});

test("what a figure says of a landscape and of a run holds for those that differ", async () => {
  const scaled = await landscape(run, {
    points: 5,
    along: "gradient",
    normalize: "filter",
    batches: 1,
    out: at("gradient"),
  });
  const [slices] = await sectionsOfLandscape(english, scaled);
  assert.not.match(slices?.text ?? "", "step of gradient descent");
  const own = await landscape(run, {
    points: 5,
    along: "gradient",
    out: at("plain"),
    batchSize: 1500,
  });
  const [plain] = await sectionsOfLandscape(english, own);
  assert.match(plain?.text ?? "", "step of gradient descent");
  // 2000 rows in batches of 1500: the second has 500.
  assert.match(figureOf(plain ? [plain] : [], "slices").title, "at most 1");
  const descent = await train(dataset, {
    ...options,
    out: at("descent"),
    epochs: 3,
    optimizer: "gradient-descent",
  });
  const curve = figureOf(await sectionsOfRun(english, descent, dataset), "training-curve");
  assert.not.match(curve.caption, "batches differ");
  assert.match(curve.y.title, "of all rows");
});

test("a report of a run shows its landscapes", async () => {
  const out = await report([at("linear")], { out: at("new", "run.html"), title: "Mine" });
  assert.is(out, at("new", "run.html"));
  const html = await readFile(out, "utf8");
  assert.match(html, "<title>Mine</title>");
  for (const id of ["training-curve", "slices"]) assert.match(html, `data-figure="${id}"`);
});

test("a report of several sources names each part and describes a dataset once", async () => {
  await mkdir(at("experiment"));
  await writeExperimentDocument(at("experiment"), {
    formatVersion: 1,
    name: "example",
    title: "An experiment",
    sections: [{ id: "result", title: "What came out", blocks: [] }],
  });
  const sources = ["linear", "solved", "between", "experiment"].map((name) => at(name));
  const html = await readFile(await report(sources, { out: at("all.html") }), "utf8");
  for (const text of [
    "The runs compared",
    "Run linear",
    "Run solved",
    "Landscape between",
    "What came out",
  ]) {
    assert.match(html, text);
  }
  assert.is(html.match(/>Dataset<\/h3>/g)?.length, 1);
});

test("an experiment is shown in the language that it was made in", async () => {
  await mkdir(at("turkish"));
  await writeExperimentDocument(at("turkish"), {
    formatVersion: 1,
    name: "walk",
    title: "Bir deney",
    language: "tr",
    sections: [{ id: "result", title: "Ne çıktı", blocks: [] }],
  });
  const made = await report([at("turkish")], { out: at("turkish.html") });
  assert.match(await readFile(made, "utf8"), '<html lang="tr">');
  assert.match(
    await messageOf(report([at("turkish")], { out: at("turkish.html"), language: "en" })),
    /^The experiment walk was made in another language: run it again with language en\.$/,
  );
});

test("no report holds an absolute path, and its commands are seen from its folder", async () => {
  const out = at("elsewhere", "report.html");
  const sources = ["linear", "solved", "between"].map((name) => at(name));
  for (const format of ["html", "json", "csv"] as const) {
    const target = format === "csv" ? at("elsewhere", "csv") : out.replace("html", format);
    const made = await report(sources, { out: target, format });
    const files =
      format === "csv" ? (await readdir(made)).map((name) => path.join(made, name)) : [made];
    for (const file of files) {
      const text = await readFile(file, "utf8");
      for (const absolute of [folder, process.cwd(), homedir()])
        assert.not.ok(text.includes(absolute), `${file} holds ${absolute}`);
    }
  }
  const html = await readFile(out, "utf8");
  const commands = [...html.matchAll(/<pre><code>(.*?)<\/code>/g)].map(([, command = ""]) =>
    command.replaceAll(/<[^>]*>/g, ""),
  );
  assert.ok(commands.some((command) => command.startsWith("vadi train ../data --out ../linear")));
  assert.ok(commands.some((command) => command.startsWith("vadi landscape ../linear ")));
  const again = "vadi report ../linear ../solved ../between --out report.html";
  assert.is(commands.at(-1), again);
});

test("a training is claimed by its numbers", async () => {
  const [training] = await sectionsOfRun(english, run, dataset);
  const history = await run.history();
  // 2000 steps at a learning rate of 0.01 on data whose noise has the variance 0.01.
  const step = Number(/^SGD reaches the noise floor after (\d+) steps$/.exec(training!.title)?.[1]);
  const near = history.filter((row) => Math.abs(row.step - step) <= 10);
  const mean = near.reduce((sum, { loss }) => sum + loss, 0) / near.length;
  assert.ok(mean > 0.007 && mean < 0.015, `${training!.title}: ${mean}`);
  const [without] = await sectionsOfRun(english, run);
  assert.match(without!.title, /^SGD takes the loss from .* to .* in 400 steps$/);
  const steep = await openRun(at("diverged"));
  const [diverged] = await sectionsOfRun(english, steep, dataset);
  assert.match(diverged!.title, /^SGD diverges after \d+ steps?$/);
});

test("a report replaces an earlier report, and no other file unless told to", async () => {
  const out = at("again.html");
  await writeFile(out, "<!doctype html><p>mine</p>");
  assert.match(await messageOf(report([at("linear")], { out })), "not a report of vadi");
  assert.is(await readFile(out, "utf8"), "<!doctype html><p>mine</p>");
  await report([at("linear")], { out, force: true });
  const first = await readFile(out, "utf8");
  await report([at("linear")], { out });
  assert.is(await readFile(out, "utf8"), first);
  const command = /In the folder of this report<\/p>\n<pre>(.*?)<\/pre>/.exec(first)?.[1] ?? "";
  assert.is(command.replaceAll(/<[^>]*>/g, ""), "vadi report linear --out again.html");
});

test("what is not a source is refused in a sentence", async () => {
  await mkdir(at("empty"));
  const reportOf = (name: string): Promise<string> =>
    messageOf(report([at(name)], { out: at("no.html") }));
  assert.match(await reportOf("empty"), "holds no run.json");
  assert.match(await reportOf("missing"), /^There is no folder .*missing\.$/);
  assert.match(await messageOf(report([], { out: at("no.html") })), "at least one source");
  assert.match(await messageOf(report([at("linear")], { out: folder })), "cannot be written");
});

test("a dataset that changed since is not taken for the run's", async () => {
  await cp(at("linear"), at("copy"), { recursive: true });
  await rename(at("data"), at("moved"));
  try {
    await writeDataset({
      kind: "lsm",
      out: at("data"),
      rows: 2000,
      features: 3,
      seed: 7,
      workers: 1,
    });
    const html = await readFile(await report([at("copy")], { out: at("copy.html") }), "utf8");
    assert.match(html, "no longer in its folder, or it has changed");
  } finally {
    await rm(at("data"), { recursive: true });
    await rename(at("moved"), at("data"));
  }
});

test.after(() => rm(folder, { recursive: true, force: true }));
test.run();
