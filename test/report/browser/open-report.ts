import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { assert, suite } from "../../helpers/test.js";
import type { ReportDocument } from "../../../src/report/index.js";
import { writeReport } from "../../../src/report/index.js";
import { noBrowser, openBrowser } from "../../helpers/browser.js";
import { exampleSections } from "../example.js";
import { drawAll } from "./draw-all.js";

/*
 * Opens reports in Chromium. Expressions for the browser are strings, since the tests are compiled without its types.
 */

export const browser = await openBrowser();
export const folder = await mkdtemp(path.join(tmpdir(), "vadi-page-"));

export interface Opened {
  page: Page;
  /** Console errors and uncaught exceptions. */
  errors: string[];
  /** Addresses other than the file's own. */
  requests: string[];
}

interface OpenOptions extends BrowserContextOptions {
  /** Script that runs before the page's own. */
  before?: string;
  /** Leaves charts below the fold undrawn until the test comes near them. */
  stays?: boolean;
}

export const wide = { viewport: { width: 1280, height: 900 } };
export const phone = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };
let reports = 0;

/** Opens a report in a context of its own. */
export async function withReport(
  document: ReportDocument,
  options: OpenOptions,
  check: (opened: Opened) => Promise<void>,
): Promise<void> {
  const opened = await openReport(document, options);
  try {
    await check(opened);
  } finally {
    await opened.page.context().close();
  }
}

/**
 * A report that several tests look at, each after the other on the same page, which is opened for the first of them.
 * A test leaves it as it was, but for where the page is scrolled to.
 */
export function sharedReport(
  document: ReportDocument,
  options: OpenOptions,
): (check: (opened: Opened) => Promise<void>) => Promise<void> {
  let opened: Promise<Opened> | undefined;
  return async (check) => check(await (opened ??= openReport(document, options)));
}

async function openReport(document: ReportDocument, options: OpenOptions): Promise<Opened> {
  const file = await writeReport(path.join(folder, `report-${++reports}.html`), document);
  const { before, stays = false, ...contextOptions } = options;
  const context = await (browser as Browser).newContext(contextOptions);
  if (before !== undefined) await context.addInitScript(before);
  const page = await context.newPage();
  const opened: Opened = { page, errors: [], requests: [] };
  page.on("console", (message) => {
    if (message.type() === "error") opened.errors.push(message.text());
  });
  page.on("pageerror", (error) => opened.errors.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (url !== pathToFileURL(file).href && !/^(?:data|blob):/.test(url)) opened.requests.push(url);
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('html[data-ready="true"]', { timeout: 60_000 });
  if (!stays) await drawAll(page);
  return opened;
}

export const example: ReportDocument = {
  title: "An example",
  subtitle: "Every kind of block.",
  command: "vadi report example",
  sections: exampleSections(),
};

/** The example without its surface, which takes longest to draw in software. */
export const flatExample: ReportDocument = {
  ...example,
  sections: exampleSections().filter(({ id }) => id !== "paraboloid"),
};

export async function assertAllDrawn(page: Page): Promise<void> {
  const states = await page.evaluate<string[]>(
    `[...document.querySelectorAll("[data-figure]")].map((figure) => figure.dataset.drawn)`,
  );
  assert.ok(states.length > 0);
  assert.ok(
    states.every((state) => state === "true"),
    states.join(" "),
  );
}

export async function hasSidewaysScroll(page: Page): Promise<boolean> {
  return page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");
}

/** A suite whose tests are skipped where there is no browser; `check` adds a test. */
export function browserSuite(name: string): {
  check: (name: string, run: () => Promise<void>) => void;
  run: () => void;
} {
  const test = suite(name);
  if (!browser) test.skip(noBrowser, () => {});
  test.after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { check: browser ? test : test.skip, run: () => test.run() };
}
