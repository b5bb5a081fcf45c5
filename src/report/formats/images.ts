import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, LaunchOptions } from "playwright-core";
import { failure, messageOf } from "../../common/errors.js";
import type { Figure } from "../figures/figure.js";
import { writeReport } from "./write.js";

/** The environment variable that names a browser. */
const browserVariable = "VADI_BROWSER";
/** The width in pixels; a PNG has twice as many, for print and dense screens. */
const width = 1100;

/** How images are drawn. */
export interface ImageOptions {
  format: "png" | "svg";
  theme: "light" | "dark";
  /** Width and height in pixels. Null: as in the report. */
  size: readonly [number, number] | null;
}

/**
 * Draws figures as images: opens a report of them in an installed Chromium, Chrome or Edge. Throws a failure that
 * says what is missing if there is none.
 */
export async function imagesOf(
  figures: readonly Figure[],
  { format, theme, size }: ImageOptions,
): Promise<(string | Uint8Array)[]> {
  const browser = await launch();
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-images-"));
  try {
    // One below the other and at full size, whatever their places in the report.
    const blocks = figures.map((figure) => ({ ...figure, beside: false, small: false }));
    const sections = [{ id: "figures", title: "Figures", blocks }];
    const file = await writeReport(path.join(folder, "figures.html"), {
      title: "Figures",
      sections,
    });
    const [wide, high] = size ?? [width, null];
    const page = await browser.newPage({
      viewport: { width: wide + 200, height: 900 },
      colorScheme: theme,
    });
    // The size is that of the charts, into which axes and titles fit themselves.
    const style = `main .chart.chart { width: ${wide}px; ${high === null ? "" : `height: ${high}px;`} } .probed .sides { display: block !important; }`;
    await page.addInitScript(`addEventListener("DOMContentLoaded", () => {
      const style = document.createElement("style");
      style.textContent = ${JSON.stringify(style)};
      document.head.append(style);
    })`);
    await page.goto(`${pathToFileURL(file).href}#drawings`);
    await page.waitForSelector('html[data-ready="true"]', { timeout: 120_000 });
    const images: (string | Uint8Array)[] = [];
    for (let index = 0; index < figures.length; index++) {
      // As a string, since this file is compiled without the types of a browser.
      const address = await page.evaluate<string>(
        `Plotly.toImage(document.querySelectorAll("[data-figure] .chart")[${index}], { format: "${format}", scale: ${format === "png" ? 2 : 1}, width: ${wide}${high === null ? "" : `, height: ${high}`} })`,
      );
      const [, data = ""] = /^data:[^,]*,(.*)$/s.exec(address) ?? [];
      images.push(
        format === "png" ? new Uint8Array(Buffer.from(data, "base64")) : decodeURIComponent(data),
      );
    }
    return images;
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function launch(): Promise<Browser> {
  const { chromium } = await import("playwright-core").catch((error: unknown) => {
    throw failure(
      (option) =>
        `PNG and SVG are drawn in a browser by playwright-core, which is not installed: npm install playwright-core, or choose ${option("format")} html.`,
      error,
    );
  });
  const named = process.env[browserVariable];
  const choices: LaunchOptions[] = named
    ? [{ executablePath: named }]
    : [{ channel: "chrome" }, { channel: "chromium" }, { channel: "msedge" }, {}];
  let reason: unknown;
  for (const choice of choices) {
    try {
      return await chromium.launch(choice);
    } catch (error) {
      reason = error;
    }
  }
  const [why = ""] = messageOf(reason).split("\n");
  throw failure(
    (option) =>
      named
        ? `The browser ${named} that ${browserVariable} names could not be started: ${why}`
        : `PNG and SVG are drawn in a browser, and none could be started: install Chrome or Chromium, name one in ${browserVariable}, or choose ${option("format")} html.`,
    reason,
  );
}
