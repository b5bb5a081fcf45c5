import { assert } from "../../helpers/test.js";
import type { ReportSection } from "../../../src/report/index.js";
import { until } from "../../helpers/until.js";
import {
  assertAllDrawn,
  browserSuite,
  example,
  hasSidewaysScroll,
  phone,
  sharedReport,
  wide,
} from "./open-report.js";

const paper = "getComputedStyle(document.documentElement).backgroundColor";

const { check, run } = browserSuite("the page on phones and on paper");
const onPhone = sharedReport(example, phone);
const onPaper = sharedReport(example, { ...wide, colorScheme: "dark" });

check("a phone shows all of it without scrolling sideways, also when it is turned", () =>
  onPhone(async ({ page, errors }) => {
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

check("on paper the charts are light and fit the page", () =>
  onPaper(async ({ page, errors }) => {
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
  onPaper(async ({ page, errors }) => {
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

/** The ends of logarithmic axes. */
const RANGES = [
  [0.02, 0.4],
  [0.012, 0.095],
  [1e-3, 5e5],
  [1, 1e15],
  [0.01, 1e70],
  [1e-12, 1e-3],
] as const;

/** A chart of losses between two ends on a logarithmic axis. */
function lossesBetween([low, high]: readonly [number, number], index: number): ReportSection {
  const x = Array.from({ length: 50 }, (_, step) => step);
  const y = x.map((step) => low * (high / low) ** (step / 49));
  const loss = { title: "loss (mean squared error of the step’s batch)", scale: "log" as const };
  return {
    id: `losses-${index}`,
    title: "Losses",
    blocks: [
      {
        kind: "lines",
        id: `curve-${index}`,
        title: "Losses",
        caption: "Look at the axis.",
        x: { title: "α, in multiples of the direction (0: the trained weights)", symbol: "α" },
        y: loss,
        series: [{ name: "loss", x, y }],
      },
      {
        kind: "surface",
        id: `map-${index}`,
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

const onLosses = sharedReport({ title: "Losses", sections: RANGES.map(lossesBetween) }, phone);

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

for (const [index, [low, high]] of RANGES.entries()) {
  check(`a phone's logarithmic axis from ${low} to ${high} has readable labels`, () =>
    onLosses(async ({ page }) => {
      for (const selector of [`#curve-${index} .ytick text`, `#map-${index} .cbaxis text`]) {
        const labels = await page.evaluate<Label[]>(labelsOf(selector));
        assert.ok(labels.length >= 2, `${selector}: ${labels.length} labels`);
        for (const [at, { text, top }] of labels.entries()) {
          assert.not.match(text, /e/i);
          assert.ok(text.length < 10, text);
          const above = labels[at - 1];
          assert.ok(above === undefined || above.bottom <= top + 2, `${above?.text} on ${text}`);
        }
      }
      // No word of a title stands alone in its line.
      const lines = await page
        .locator(`#curve-${index} :is(.xtitle, .ytitle) tspan`)
        .allTextContents();
      assert.ok(lines.length >= 4, "both are broken");
      assert.ok(
        lines.every((line) => line.includes(" ")),
        lines.join(" | "),
      );
    }),
  );
}

check("a table wider than a phone keeps what its rows are about in sight", () =>
  onPhone(async ({ page }) => {
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

run();
