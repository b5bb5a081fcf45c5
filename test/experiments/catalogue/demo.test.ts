import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { assert, test } from "../../helpers/test.js";
import { runDemo } from "../../../src/experiments/index.js";
import { noBrowser, openBrowser } from "../../helpers/browser.js";
import { inFolder } from "../../helpers/folder.js";
import { drawAll } from "../../report/browser/draw-all.js";

test(
  "the demo's report opens in Chromium with every chart drawn, silently and without the network",
  inFolder(async (folder) => {
    const phases = new Set<string>();
    const { report, results } = await runDemo({
      out: path.join(folder, "the demo"),
      onProgress: ({ phase }) => void phases.add(phase),
    });
    assert.ok(existsSync(report));
    assert.ok(phases.size >= 3, "there is progress");
    const { linear } = results as {
      linear: { largestError: number; errorBound: number; finalLoss: number };
    };
    assert.ok(linear.largestError < linear.errorBound);
    assert.ok(Math.abs(linear.finalLoss - 0.01) < 0.001);

    const browser = await openBrowser();
    if (browser === undefined) {
      console.log(noBrowser);
      return;
    }
    try {
      const page = await browser.newPage();
      const said: string[] = [];
      const requests: string[] = [];
      page.on("console", (message) => {
        // plotly.js draws text on a canvas for surfaces, and Chromium warns that it could be faster.
        if (!message.text().includes("willReadFrequently")) said.push(message.text());
      });
      page.on("pageerror", (error) => said.push(error.message));
      page.on("request", (request) => requests.push(request.url()));
      const url = pathToFileURL(report).href;
      await page.goto(url);
      await page.waitForSelector('html[data-ready="true"]', { timeout: 60_000 });
      await page.setViewportSize({ width: 1280, height: 800 });
      await drawAll(page);
      const height = await page.evaluate<number>("document.documentElement.scrollHeight");
      assert.ok(height <= 6 * 800, `${height / 800} screens`);
      const html = await readFile(report, "utf8");
      for (const absolute of [folder, process.cwd(), homedir()])
        assert.not.ok(html.includes(absolute), `the report holds ${absolute}`);
      const figures = await page.$$eval("[data-figure]", (elements) =>
        elements.map((element) => ({
          drawn: element.getAttribute("data-drawn"),
          charts: element.querySelectorAll(".main-svg").length,
        })),
      );
      assert.ok(figures.length >= 5);
      for (const { drawn, charts } of figures) {
        assert.is(drawn, "true");
        assert.ok(charts > 0);
      }
      assert.equal(said, []);
      assert.equal(
        requests.filter((request) => !/^(?:data|blob):/.test(request)),
        [url],
      );
    } finally {
      await browser.close();
    }
  }),
);

test.run();
