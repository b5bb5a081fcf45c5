import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runExperiment } from "../../src/experiments/index.js";
import { landscape } from "../../src/landscape/index.js";
import { report, sectionsOfLandscape, watch, writeReport } from "../../src/report/index.js";
import { writeDataset } from "../../src/storage/index.js";
import { openDataset } from "../../src/stream/index.js";
import { train } from "../../src/train/index.js";
import { noBrowser, openBrowser } from "../helpers/browser.js";
import { until } from "../helpers/until.js";
import { exampleSections } from "./example.js";
import { planeExample } from "./plane-example.js";

/*
 * Every kind of report, and the watching page, in a real Chromium: all charts drawn, values told under
 * the pointer, light and dark, a phone's width, nothing on the console, no request, and no serious
 * finding of axe.
 */

const browser = await openBrowser();
if (!browser) console.log(noBrowser);
const folder = await mkdtemp(path.join(tmpdir(), "vadi-kinds-"));
const at = (...names: string[]): string => path.join(folder, ...names);

await writeDataset({ kind: "lsm", out: at("data"), rows: 2000, features: 3, workers: 1 });
const dataset = await openDataset(at("data"));
const options = { model: "linear", batchSize: 100 };
const slow = await train(dataset, { ...options, out: at("runs/slow"), learningRate: 0.001 });
const fast = await train(dataset, { ...options, out: at("runs/fast"), learningRate: 0.05 });
const line = await landscape(fast, { points: 11, batches: 3 });
const many = await landscape(fast, {
  points: 7,
  batches: "all",
  batchSize: 10,
  out: at("runs/fast/landscapes/many"),
});
const plane = await planeExample(at("plane"), line);
await runExperiment("paraboloid", { out: at("experiments/paraboloid") });

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** The serious findings of axe, in a line each. */
const findings = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 3).map(({ html, failureSummary }) =>
      ({ html: html.slice(0, 200), failureSummary })) })))`;
const isWide = "document.documentElement.scrollWidth <= innerWidth";
const undrawn = `[...document.querySelectorAll("[data-figure]")].filter((figure) => figure.dataset.drawn !== "true").length`;

/** Moves the pointer across a chart until a value is told. */
async function sweep(page: Page, chart: Locator): Promise<void> {
  const box = await chart.boundingBox();
  assert.ok(box);
  for (let place = 1; place < 20; place++) {
    for (const row of [0.3, 0.5, 0.7, 0.85]) {
      await page.mouse.move(box.x + (box.width * place) / 20, box.y + box.height * row);
      if ((await chart.locator(".hoverlayer :is(.legend, .hovertext)").count()) > 0) return;
    }
  }
  assert.unreachable("no value is told under the pointer");
}

async function look(address: string, own: string, hovered: string | undefined): Promise<void> {
  const context = await (browser as Browser).newContext({ viewport: { width: 1280, height: 900 } });
  try {
    await context.addInitScript(axeSource);
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("request", (sent) => {
      if (!sent.url().startsWith(own) && !/^(?:data|blob):/.test(sent.url()))
        requests.push(sent.url());
    });
    await page.goto(address);
    await page.waitForSelector('html[data-ready="true"]', { timeout: 60_000 });
    await until(page, `${undrawn} === 0`);
    if (hovered !== undefined) {
      const chart = page.locator(`[data-figure="${hovered}"] .chart`);
      await chart.scrollIntoViewIfNeeded();
      await sweep(page, chart);
    }
    assert.equal(await page.evaluate<Finding[]>(findings), [], "light");
    const paper = "getComputedStyle(document.documentElement).backgroundColor";
    await page.getByRole("button", { name: "Switch to dark colours" }).click();
    assert.is(await page.evaluate(paper), "rgb(20, 23, 28)");
    await page.setViewportSize({ width: 390, height: 844 });
    await until(page, isWide);
    assert.equal(await page.evaluate<Finding[]>(findings), [], "dark, on a phone's width");
    await until(page, `${undrawn} === 0`);
    assert.equal(errors, []);
    assert.equal(requests, []);
  } finally {
    await context.close();
  }
}

const kinds = suite("every kind of report in Chromium");

function kind(name: string, make: () => Promise<string>, hovered: string): void {
  kinds(name, async () => {
    if (!browser) return;
    const url = pathToFileURL(await make()).href;
    await look(url, url, hovered);
  });
}

kind("a run", () => report([slow.dir], { out: at("run.html") }), "training-curve");
kind(
  "runs compared",
  () => report([slow.dir, fast.dir], { out: at("compared.html") }),
  "training-curves-time",
);
kind("a folder of runs", () => report([at("runs")], { out: at("index.html") }), "training-curves");
kind("a landscape of a line", () => report([line.dir], { out: at("line.html") }), "slices");
kind("a landscape of many batches", () => report([many.dir], { out: at("many.html") }), "slices");
kind(
  "a landscape of a plane",
  async () =>
    writeReport(at("plane.html"), { title: "Plane", sections: await sectionsOfLandscape(plane) }),
  "contours",
);
kind(
  "an experiment",
  () => report([at("experiments/paraboloid")], { out: at("experiment.html") }),
  "cut-2",
);
kind(
  "every kind of block",
  () => writeReport(at("blocks.html"), { title: "Blocks", sections: exampleSections() }),
  "slices",
);

kinds("the watching page", async () => {
  if (!browser) return;
  const watching = await watch(fast, { interval: 50 });
  try {
    await look(watching.url, watching.url, "live-loss");
  } finally {
    await watching.close();
  }
});

kinds("any of many batches can be chosen by keyboard, and is drawn", async () => {
  if (!browser) return;
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(pathToFileURL(await report([many.dir], { out: at("many.html") })).href);
  await page.waitForSelector('html[data-ready="true"]');
  const figure = page.locator('[data-figure="slices"]');
  assert.match(await figure.locator("figcaption").innerText(), "40 of the 200 curves");
  const before = await figure.locator(".js-line").count();
  const select = figure.getByLabel("Show one batch");
  assert.is(await select.locator("option").count(), 201);
  await select.selectOption({ label: "batch 101" });
  await until(
    page,
    `document.querySelectorAll('[data-figure="slices"] .js-line').length > ${before}`,
  );
  const legend = await figure.locator(".chart-legend").innerText();
  assert.match(legend, "batch 101");
  await page.close();
});

kinds.after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});
kinds.run();
