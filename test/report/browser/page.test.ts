import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { assert } from "../../helpers/test.js";
import type { ReportSection } from "../../../src/report/index.js";
import { until } from "../../helpers/until.js";
import { exampleSections, hostile } from "../example.js";
import {
  assertAllDrawn,
  browserSuite,
  example,
  flatExample,
  folder,
  hasSidewaysScroll,
  wide,
  sharedReport,
  withReport,
} from "./open-report.js";

const { check, run } = browserSuite("the page in Chromium");
const onExample = sharedReport(example, wide);

check("every chart is drawn, without an error and without a request", () =>
  onExample(async ({ page, errors, requests }) => {
    await assertAllDrawn(page);
    assert.equal(errors, []);
    assert.equal(requests, []);
    assert.not(await hasSidewaysScroll(page));
    const drawnLines = await page.locator('[data-figure="slices"] .js-line').count();
    assert.ok(drawnLines >= 7, "five batches, their mean and the band");
    assert.is(
      (await page.locator('[data-figure="surface"] .gl-container canvas').count()) > 0,
      true,
    );
    assert.match(await page.locator('[data-figure="slices"]').innerText(), "trained weights");
    assert.is(await page.locator("nav a").count(), 3, "the sections with figures");
  }),
);

check("what is not drawn is said", () =>
  onExample(async ({ page }) => {
    const curve = await page.locator('[data-figure="curve"] figcaption').innerText();
    assert.match(curve, "2 points are not finite");
    assert.match(
      curve.replaceAll("\u202f", " "),
      /20 000 points in this file\. The highest and the lowest of each interval are drawn/,
    );
    const many = await page.locator('[data-figure="many"] figcaption').innerText();
    assert.match(many, "40 of the 100 curves");
  }),
);

check("values are told under the pointer", () =>
  onExample(async ({ page }) => {
    const chart = page.locator('[data-figure="slices"] .chart');
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const hover = page.locator('[data-figure="slices"] .hoverlayer .legend');
    await hover.waitFor();
    const text = (await hover.textContent()) ?? "";
    assert.match(text, "α = ");
    assert.match(text, "batch 3");
    assert.match(text, "mean");
    await page.mouse.move(0, 0);
    await hover.waitFor({ state: "detached" });
  }),
);

check("a legend entry hides and shows its series", () =>
  onExample(async ({ page }) => {
    const lines = page.locator('[data-figure="slices"] .js-line');
    const before = await lines.count();
    const entry = page.locator('[data-figure="slices"] .chart-legend button', {
      hasText: "batch 2",
    });
    await entry.press("Enter");
    assert.is(await entry.getAttribute("aria-pressed"), "false");
    assert.is(await lines.count(), before - 1);
    await entry.press("Enter");
    assert.is(await lines.count(), before);
  }),
);

const paper = "getComputedStyle(document.documentElement).backgroundColor";
const axisColour =
  'getComputedStyle(document.querySelector("[data-figure=curve] .xtick text")).fill';

check(
  "light and dark follow the system until the button is pressed, and the charts with them",
  () =>
    withReport(flatExample, { ...wide, colorScheme: "dark" }, async ({ page, errors }) => {
      const dark = "rgb(20, 23, 28)";
      const light = "rgb(255, 255, 255)";
      assert.is(await page.evaluate(paper), dark);
      const darkAxis = await page.evaluate(axisColour);
      await page.emulateMedia({ colorScheme: "light" });
      assert.is(await page.evaluate(paper), light);
      await until(page, `${axisColour} !== ${JSON.stringify(darkAxis)}`);
      await page.getByRole("button", { name: "Switch to dark colours" }).click();
      assert.is(await page.evaluate(paper), dark);
      await until(page, `${axisColour} === ${JSON.stringify(darkAxis)}`);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.emulateMedia({ colorScheme: "light" });
      assert.is(await page.evaluate(paper), dark, "pressed once, the system no longer counts");
      await page.emulateMedia({ media: "print" });
      assert.is(await page.evaluate(paper), light, "paper is light");
      assert.equal(errors, []);
    }),
);

check("hostile names are text, and nothing else", () => {
  const sections: ReportSection[] = exampleSections().map((section) => ({
    ...section,
    title: hostile,
    blocks: section.blocks.map((block) => {
      if (block.kind === "table") return { ...block, rows: [[hostile, hostile]] };
      const axes = { x: { title: hostile }, y: { title: hostile } };
      return block.kind === "lines"
        ? {
            ...block,
            ...axes,
            title: hostile,
            series: block.series.map((one) => ({ ...one, name: hostile })),
          }
        : { ...block, ...axes, z: { title: hostile }, title: hostile };
    }),
  }));
  return withReport({ title: hostile, sections }, wide, async ({ page, errors, requests }) => {
    await assertAllDrawn(page);
    const foreign = 'document.querySelectorAll("img, main a, svg a[href], .chart b").length';
    assert.is(await page.evaluate(foreign), 0);
    const chart = page.locator('[data-figure="slices"] .chart');
    await chart.hover();
    await page.locator('[data-figure="slices"] .hoverlayer .legend').waitFor();
    assert.is(await page.evaluate(foreign), 0);
    assert.match(
      (await page.locator('[data-figure="slices"] .xtitle').textContent()) ?? "",
      "<img",
    );
    assert.equal(errors, []);
    assert.equal(requests, []);
  });
});

check("the policy keeps the page from the network even where it is made to try", async () => {
  let hits = 0;
  const server = createServer((_, response) => {
    hits++;
    response.setHeader("access-control-allow-origin", "*").end("reached");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const attempt = `(async () => {
    const blocked = [];
    addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
    await fetch(${JSON.stringify(address)}).catch(() => {});
    const image = new Image();
    await new Promise((done) => { image.onerror = image.onload = done; image.src = ${JSON.stringify(address)}; });
    const script = document.createElement("script");
    script.textContent = "globalThis.injected = true";
    document.body.append(script);
    await new Promise((done) => setTimeout(done, 50));
    return { blocked: blocked.toSorted(), injected: globalThis.injected === true };
  })()`;
  try {
    await withReport(flatExample, { ...wide, stays: true }, async ({ page }) => {
      assert.equal(await page.evaluate(attempt), {
        blocked: ["connect-src", "img-src", "script-src-elem"],
        injected: false,
      });
      assert.is(hits, 0);
      // The same attempt in a page without the policy gets through: it is the policy that blocks.
      const bare = path.join(folder, "bare.html");
      await writeFile(bare, "<!doctype html><title>bare</title><body>");
      await page.goto(pathToFileURL(bare).href);
      assert.equal(await page.evaluate(attempt), { blocked: [], injected: true });
      assert.ok(hits > 0);
    });
  } finally {
    server.close();
  }
});

check("without WebGL a surface is a map, and says so", () => {
  const before = `{
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return kind.includes("webgl") ? null : original.call(this, kind, ...rest);
    };
  }`;
  return withReport(example, { ...wide, before }, async ({ page, errors }) => {
    await assertAllDrawn(page);
    assert.ok((await page.locator('[data-figure="surface"] .contourlayer path').count()) > 0);
    const caption = await page.locator('[data-figure="surface"] figcaption').innerText();
    assert.match(caption, "no WebGL");
    assert.equal(errors, []);
  });
});

check("a chart that cannot be drawn says so in its place, and the others are drawn", () => {
  // Takes the chart library's first call away from it.
  const before = `{
    let plotly, calls = 0;
    Object.defineProperty(globalThis, "Plotly", {
      get: () => plotly,
      set: (value) => {
        const { newPlot } = value;
        value.newPlot = (...given) => {
          if (calls++ === 0) throw new Error("taken away by a test");
          return newPlot(...given);
        };
        plotly = value;
      },
    });
  }`;
  return withReport(flatExample, { ...wide, before }, async ({ page }) => {
    const place = page.locator('[data-figure="curve"]');
    assert.is(await place.getAttribute("data-drawn"), "false");
    const said = await place.getByRole("alert").innerText();
    assert.match(said, "could not be drawn: taken away by a test");
    assert.ok(await place.getByRole("alert").isVisible());
    assert.is(await page.locator('[data-drawn="true"]').count(), 2);
  });
});

run();
