import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { assert, suite } from "../helpers/test.js";
import type { ReportDocument, ReportSection } from "../../src/report/index.js";
import { writeReport } from "../../src/report/index.js";
import { noBrowser, openBrowser } from "../helpers/browser.js";
import { until } from "../helpers/until.js";
import { exampleSections, hostile } from "./example.js";

// Expressions for the browser are given as text, since the tests are compiled without its types.

const browser = await openBrowser();
if (!browser) console.log(noBrowser);
const folder = await mkdtemp(path.join(tmpdir(), "vadi-page-"));

interface Opened {
  page: Page;
  /** Console errors and uncaught exceptions. */
  errors: string[];
  /** Addresses other than the file's own. */
  requests: string[];
}

interface OpenOptions extends BrowserContextOptions {
  /** Script that runs before the page's own. */
  before?: string;
}

const wide = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };
let reports = 0;

async function withReport(
  document: ReportDocument,
  options: OpenOptions,
  look: (opened: Opened) => Promise<void>,
): Promise<void> {
  const file = await writeReport(path.join(folder, `report-${++reports}.html`), document);
  const { before, ...contextOptions } = options;
  const context = await (browser as Browser).newContext(contextOptions);
  try {
    if (before !== undefined) await context.addInitScript(before);
    const page = await context.newPage();
    const opened: Opened = { page, errors: [], requests: [] };
    page.on("console", (message) => {
      if (message.type() === "error") opened.errors.push(message.text());
    });
    page.on("pageerror", (error) => opened.errors.push(String(error)));
    page.on("request", (request) => {
      const url = request.url();
      if (url !== pathToFileURL(file).href && !/^(?:data|blob):/.test(url))
        opened.requests.push(url);
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready="true"]', { timeout: 60_000 });
    await look(opened);
  } finally {
    await context.close();
  }
}

const example: ReportDocument = {
  title: "An example",
  subtitle: "Every kind of block.",
  command: "vadi report example",
  sections: exampleSections(),
};

async function assertAllDrawn(page: Page): Promise<void> {
  const states = await page.evaluate<string[]>(
    `[...document.querySelectorAll("[data-figure]")].map((figure) => figure.dataset.drawn)`,
  );
  assert.ok(states.length > 0);
  assert.ok(
    states.every((state) => state === "true"),
    states.join(" "),
  );
}

async function hasSidewaysScroll(page: Page): Promise<boolean> {
  return page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");
}

const test = suite("the page in Chromium");
if (!browser) test.skip(noBrowser, () => {});
const check = browser ? test : test.skip;

check("every chart is drawn, without an error and without a request", () =>
  withReport(example, wide, async ({ page, errors, requests }) => {
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
    assert.is(await page.locator("nav a").count(), 4);
  }),
);

check("what is not drawn is said", () =>
  withReport(example, wide, async ({ page }) => {
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
  withReport(example, wide, async ({ page }) => {
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
  }),
);

check("a legend entry hides and shows its series", () =>
  withReport(example, wide, async ({ page }) => {
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
    withReport(example, { ...wide, colorScheme: "dark" }, async ({ page, errors }) => {
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

check("a phone shows all of it without scrolling sideways, also when it is turned", () =>
  withReport(example, phone, async ({ page, errors }) => {
    await assertAllDrawn(page);
    assert.not(await hasSidewaysScroll(page));
    const below = await page.evaluate<boolean>(
      `[...document.querySelectorAll("figure")].every((figure) =>
        figure.querySelector(".chart-legend").getBoundingClientRect().top >=
        figure.querySelector(".chart").getBoundingClientRect().bottom)`,
    );
    assert.ok(below, "legends lie below the charts");
    await page.setViewportSize({ width: 740, height: 375 });
    await until(page, 'document.querySelector("[data-figure=curve] .main-svg").clientWidth > 600');
    await page.setViewportSize({ width: 375, height: 740 });
    await until(page, 'document.querySelector("[data-figure=curve] .main-svg").clientWidth < 375');
    assert.not(await hasSidewaysScroll(page));
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
    await withReport(example, wide, async ({ page }) => {
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
  return withReport(example, { ...wide, before }, async ({ page }) => {
    const place = page.locator('[data-figure="curve"]');
    assert.is(await place.getAttribute("data-drawn"), "false");
    const said = await place.getByRole("alert").innerText();
    assert.match(said, "could not be drawn: taken away by a test");
    assert.ok(await place.getByRole("alert").isVisible());
    assert.is(await page.locator('[data-drawn="true"]').count(), 3);
  });
});

check("on paper the charts are light and fit the page", () =>
  withReport(example, { ...wide, colorScheme: "dark" }, async ({ page, errors }) => {
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    await page.emulateMedia({ media: "print" });
    const overlaps = `[...document.querySelectorAll("figure")].map((figure) => {
      const chart = figure.querySelector(".main-svg").getBoundingClientRect();
      const legend = figure.querySelector(".chart-legend").getBoundingClientRect();
      return Math.max(0, chart.bottom - legend.top);
    })`;
    assert.equal(await page.evaluate(overlaps), [0, 0, 0, 0], "no chart lies on its legend");
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    await page.emulateMedia({ media: "screen" });
    const bytes = await page.pdf({ format: "A4" });
    assert.is(bytes.subarray(0, 5).toString(), "%PDF-");
    assert.is(await page.evaluate(paper), "rgb(20, 23, 28)", "dark again afterwards");
    assert.equal(errors, []);
  }),
);

/** Where a canvas has colour: its size and the ends of what is drawn, in its own pixels. */
const drawnPart = `(() => {
  const canvas = document.querySelector('[data-figure="surface"] .surface-copy');
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const ends = { left: width, right: 0, top: height, bottom: 0 };
  for (let at = 0; at < width * height; at++) {
    if (data[4 * at + 3] === 0) continue;
    ends.left = Math.min(ends.left, at % width);
    ends.right = Math.max(ends.right, at % width);
    ends.top = Math.min(ends.top, Math.floor(at / width));
    ends.bottom = Math.max(ends.bottom, Math.floor(at / width));
  }
  const place = canvas.getBoundingClientRect();
  return { width, height, ...ends, ratio: width / place.width };
})()`;
interface DrawnPart extends Record<"left" | "right" | "top" | "bottom", number> {
  width: number;
  height: number;
  ratio: number;
}

check("on paper a surface is drawn anew, whole, and afterwards as it was", () =>
  withReport(example, wide, async ({ page, errors }) => {
    const surface = page.locator('[data-figure="surface"]');
    const size = () => surface.locator(".gl-container canvas").first().boundingBox();
    const before = await size();
    // What is not drawn in the same task as the size is changed in would not be printed.
    const part = await page.evaluate<DrawnPart>(`(() => {
      dispatchEvent(new Event("beforeprint"));
      return ${drawnPart};
    })()`);
    assert.ok(before && part.width / part.ratio < before.width, "smaller than on the screen");
    assert.ok(part.right - part.left > part.width / 3, "it is drawn");
    assert.ok(part.bottom - part.top > part.height / 3, "it is drawn");
    assert.ok(part.left > 0 && part.right < part.width - 1, "and whole");
    assert.ok(part.top > 0 && part.bottom < part.height - 1, "and whole");
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    assert.is(await surface.locator(".surface-copy").count(), 0);
    assert.ok(await surface.locator(".gl-container canvas").first().isVisible());
    assert.equal(await size(), before);
    assert.equal(errors, []);
  }),
);

/** A chart of losses between two ends on a logarithmic axis. */
function lossesBetween(low: number, high: number): ReportSection {
  const x = Array.from({ length: 50 }, (_, index) => index);
  const y = x.map((step) => low * (high / low) ** (step / 49));
  const loss = { title: "loss (mean squared error of the step’s batch)", scale: "log" as const };
  return {
    id: "losses",
    title: "Losses",
    blocks: [
      {
        kind: "lines",
        id: "losses-curve",
        title: "Losses",
        caption: "Look at the axis.",
        x: { title: "α, in multiples of the direction (0: the trained weights)", symbol: "α" },
        y: loss,
        series: [{ name: "loss", x, y }],
      },
      {
        kind: "surface",
        id: "losses-surface",
        view: "map",
        title: "Losses",
        caption: "Look at the bar.",
        x: { title: "x" },
        y: { title: "y" },
        z: loss,
        xs: x,
        ys: [0, 1],
        zs: [y, y].map((row) => Float64Array.from(row)),
      },
    ],
  };
}

/** The labels of a vertical axis, from top to bottom, each with its ends. */
const labelsOf = (selector: string): string =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].map((label) => {
    const { top, bottom } = label.getBoundingClientRect();
    return { text: label.textContent, top, bottom };
  }).toSorted((a, b) => a.top - b.top)`;
interface Label {
  text: string;
  top: number;
  bottom: number;
}

for (const [low, high] of [
  [0.02, 0.4],
  [0.012, 0.095],
  [1e-3, 5e5],
  [1, 1e15],
  [0.01, 1e70],
  [1e-12, 1e-3],
] as const) {
  check(`a phone's logarithmic axis from ${low} to ${high} has readable labels`, () => {
    const document = { title: "Losses", sections: [lossesBetween(low, high)] };
    return withReport(document, phone, async ({ page }) => {
      for (const selector of ["#losses-curve .ytick text", "#losses-surface .cbaxis text"]) {
        const labels = await page.evaluate<Label[]>(labelsOf(selector));
        assert.ok(labels.length >= 2, `${selector}: ${labels.length} labels`);
        for (const [index, { text, top }] of labels.entries()) {
          assert.not.match(text, /e/i);
          assert.ok(text.length < 10, text);
          const above = labels[index - 1];
          assert.ok(above === undefined || above.bottom <= top + 2, `${above?.text} on ${text}`);
        }
      }
      // No word of a title stands alone in its line.
      const lines = await page
        .locator("#losses-curve :is(.xtitle, .ytitle) tspan")
        .allTextContents();
      assert.ok(lines.length >= 4, "both are broken");
      assert.ok(
        lines.every((line) => line.includes(" ")),
        lines.join(" | "),
      );
    });
  });
}

check("a table wider than a phone keeps what its rows are about in sight", () =>
  withReport(example, phone, async ({ page }) => {
    const ends = (scroll: number): Promise<{ scrolled: number; name: number; place: number }> =>
      page.evaluate(`(() => {
        const place = document.querySelector("#weights .scroll");
        place.scrollLeft = ${scroll};
        return {
          scrolled: place.scrollLeft,
          name: place.querySelector("tbody th").getBoundingClientRect().left,
          place: place.getBoundingClientRect().left,
        };
      })()`);
    const { scrolled, name, place } = await ends(1000);
    assert.ok(scrolled > 20, "it goes on beyond the edge");
    assert.is(name, place);
  }),
);

test.after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});
test.run();
