import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { assert, skip, suite } from "../../helpers/test.js";
import { runExperiment } from "../../../src/experiments/index.js";
import { landscape } from "../../../src/landscape/index.js";
import { report, sectionsOfLandscape, watch, writeReport } from "../../../src/report/index.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { train } from "../../../src/train/index.js";
import { noBrowser, openBrowser } from "../../helpers/browser.js";
import { until } from "../../helpers/until.js";
import { exampleSections } from "../example.js";
import { drawAll } from "./draw-all.js";
import { planeExample } from "../plane-example.js";
import { languageOf } from "../../../src/language/index.js";

const english = languageOf("en");

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

/**
 * Moves the pointer across a chart, from its middle, until a value is told.
 *
 * @param isNear whether it must be told at the pointer, and not in a readout
 */
async function sweep(page: Page, chart: Locator, isNear = false): Promise<void> {
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  assert.ok(box);
  const id = await chart.locator("xpath=ancestor::figure").getAttribute("data-figure");
  const readout = `document.querySelector('[data-probe="${id}"] .alpha-value')?.textContent`;
  const before = JSON.stringify((await page.evaluate(readout)) ?? null);
  const isTold = `document.querySelector('[data-figure="${id}"] .hoverlayer :is(.legend, .hovertext)') !== null ||
    ${!isNear} && (${readout} ?? null) !== ${before}`;
  const places = Array.from(
    { length: 19 },
    (_, one) => (one % 2 === 0 ? 1 : -1) * Math.ceil(one / 2),
  );
  // The chart tells a while after the pointer has come, longer on a busy machine.
  for (const pause of [60, 300]) {
    for (const place of places) {
      for (const row of [0.5, 0.3, 0.7, 0.85]) {
        await page.mouse.move(box.x + box.width * (0.5 + place / 20), box.y + box.height * row);
        await page.waitForTimeout(pause);
        if (await page.evaluate<boolean>(isTold)) return;
      }
    }
  }
  assert.unreachable(
    `no value is told under the pointer: ${await chart.getAttribute("aria-label")}`,
  );
}

interface Looked {
  page: Page;
  /** What the page wrote to the console as errors, or threw. */
  errors: string[];
  /** What it asked for besides its own address. */
  requests: string[];
}

async function look(
  address: string,
  own: string,
  more: (page: Page) => Promise<void> = async () => {},
): Promise<void> {
  const context = await (browser as Browser).newContext({ viewport: { width: 1280, height: 900 } });
  try {
    await context.addInitScript(axeSource);
    const looked: Looked = { page: await context.newPage(), errors: [], requests: [] };
    const { page, errors, requests } = looked;
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
    await drawAll(page);
    await until(page, `${undrawn} === 0`);
    const charts = page.locator("[data-figure] .chart:is(.lines, .view-map)");
    for (const chart of await charts.all()) await sweep(page, chart);
    await more(page);
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

/** The names in the contents, and the headings of the page's sections. */
async function headings(page: Page): Promise<string[]> {
  return page.locator("nav a, .section-title").allInnerTexts();
}

/** The first column of a table, from top to bottom. */
function firstColumn(page: Page, table: string): Promise<string[]> {
  return page.locator(`#${table} tbody th`).allInnerTexts();
}

// Opening a page and looking for findings takes the longest, so that one page has many kinds in it.
kinds("runs compared, their landscapes and an experiment", async () => {
  if (!browser) skip(noBrowser);
  const sources = [slow.dir, fast.dir, at("experiments/paraboloid")];
  const url = pathToFileURL(await report(sources, { out: at("all.html") })).href;
  await look(url, url, async (page) => {
    const shown = await headings(page);
    for (const title of [
      "The runs compared",
      "The training",
      "Slices along a random direction (many)",
      "The surface",
      "The cut",
    ])
      assert.ok(shown.includes(title), `${title}: ${shown.join("; ")}`);
  });
});

kinds("an overview of a folder, whose runs can be sorted by keyboard", async () => {
  if (!browser) skip(noBrowser);
  const url = pathToFileURL(await report([at("runs")], { out: at("index.html") })).href;
  await look(url, url, async (page) => {
    const table = "runs-compared";
    const heading = page.locator(`#${table} th`, { hasText: "final loss" });
    const original = await firstColumn(page, table);
    assert.equal(original, ["fast", "slow"]);
    assert.is(await heading.getAttribute("aria-sort"), "none");
    const losses = [fast, slow].map(({ record }) => record.result?.loss ?? NaN);
    const rising = losses[0]! < losses[1]! ? original : original.toReversed();
    await heading.getByRole("button").focus();
    await page.keyboard.press("Enter");
    assert.is(await heading.getAttribute("aria-sort"), "ascending");
    assert.equal(await firstColumn(page, table), rising);
    await page.keyboard.press("Space");
    assert.is(await heading.getAttribute("aria-sort"), "descending");
    assert.equal(await firstColumn(page, table), rising.toReversed());
    await page.keyboard.press("Enter");
    assert.is(await heading.getAttribute("aria-sort"), "none");
    assert.equal(await firstColumn(page, table), original);
  });
});

kinds("a plane, and every kind of block", async () => {
  if (!browser) skip(noBrowser);
  // The plane has a surface in three dimensions already.
  const others = exampleSections().filter(({ id }) => id !== "paraboloid");
  const sections = [...(await sectionsOfLandscape(english, plane)), ...others];
  const file = await writeReport(at("blocks.html"), { title: "Plane and blocks", sections });
  const url = pathToFileURL(file).href;
  await look(url, url);
});

kinds("the watching page", async () => {
  if (!browser) skip(noBrowser);
  const watching = await watch(fast, { interval: 50 });
  try {
    await look(watching.url, watching.url);
  } finally {
    await watching.close();
  }
});

/** How many points of the painted curves' canvas are of some colour, and its picture in short. */
const painted = `(() => {
  const canvas = document.querySelector('[data-figure="slices"] .painted');
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [count, sum] = [0, 0];
  for (let at = 3; at < data.length; at += 4) if (data[at] > 0) { count++; sum = (sum * 31 + at) % 1000003; }
  return { count, sum };
})()`;

interface Painted {
  count: number;
  sum: number;
}

kinds(
  "of many batches any can be chosen; the curves follow a zoom, and are told by name",
  async () => {
    if (!browser) skip(noBrowser);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const file = await report([many.dir], { out: at("many.html") });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready="true"]');
    const figure = page.locator('[data-figure="slices"]');
    assert.match(await figure.locator("figcaption").innerText(), "40 of the 200 curves");
    const whole = await page.evaluate<Painted>(painted);
    assert.ok(whole.count > 5000, `${whole.count} points are painted`);

    const select = figure.getByLabel("Show one batch");
    assert.is(await select.locator("option").count(), 201);
    await select.selectOption({ label: "batch 101" });
    const legend = figure.locator(".chart-legend");
    await legend.getByText("batch 101").waitFor();
    assert.ok((await page.evaluate<Painted>(painted)).count > whole.count, "one more, and thicker");
    await select.selectOption("");
    await until(page, `${painted}.sum === ${whole.sum}`);

    const crowd = legend.getByRole("button", { name: "40 curves" });
    await crowd.press("Enter");
    assert.ok((await page.evaluate<Painted>(painted)).count < whole.count / 2, "the mean alone");
    await crowd.press("Enter");
    await until(page, `${painted}.sum === ${whole.sum}`);

    const chart = figure.locator(".chart");
    await sweep(page, chart, true);
    assert.match((await chart.locator(".hovertext").first().textContent()) ?? "", /α = .*loss = /);
    const box = await chart.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.3);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.7, { steps: 3 });
    await page.mouse.up();
    await until(page, `${painted}.sum !== ${whole.sum}`);
    // On paper, and in an image, the curves are a drawing.
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    await until(page, `document.querySelectorAll('[data-figure="slices"] .js-line').length > 40`);
    assert.is(await figure.locator(".painted").count(), 0);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    await figure.locator(".painted").waitFor({ state: "attached" });
    await page.close();
  },
);

kinds.after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});
kinds.run();
