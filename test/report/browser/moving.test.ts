import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { assert } from "../../helpers/test.js";
import { landscape } from "../../../src/landscape/index.js";
import { report, sectionsOfLandscape, sectionsOfRun } from "../../../src/report/index.js";
import { moved } from "../../../src/report/browser/moving/camera.js";
import { bendAtLowest, slopeAt, valueAt } from "../../../src/report/browser/moving/slope.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { train } from "../../../src/train/index.js";
import { until } from "../../helpers/until.js";
import { browserSuite, phone, sharedReport, wide, withReport } from "./open-report.js";
import { languageOf } from "../../../src/language/index.js";

const english = languageOf("en");

/*
 * What a reader moves, with pointer and keyboard, in a real Chromium: the scrubber, the probe of slices, the camera,
 * and the place under the pointer on linked charts. The run, its surface and its slices are real.
 */

const { check, run: runSuite } = browserSuite("what a reader moves");

const folder = await mkdtemp(path.join(tmpdir(), "vadi-moving-"));
const at = (...names: string[]): string => path.join(folder, ...names);
const spec = { kind: "two-layer-sigmoid", rows: 4000, features: 3, seed: 10, workers: 1 } as const;
await writeDataset({ ...spec, out: at("data") });
const dataset = await openDataset(at("data"));
const run = await train(dataset, {
  model: "mlp",
  batchSize: 200,
  learningRate: 0.1,
  epochs: 3,
  out: at("run"),
});
const slices = await landscape(run, { points: 21, batches: 3, scale: 0.3 });
const plane = await landscape(run, { along: "path", plane: true, points: 11, batches: 2 });
const [training] = await sectionsOfRun(english, run, dataset, plane);
const [sliced] = await sectionsOfLandscape(english, slices);
const walk = { title: "Walk", sections: [training!] };
/** The same without the surface in three dimensions, which takes long to draw in software. */
const flat = {
  title: "Flat walk",
  sections: [{ ...training!, blocks: training!.blocks.filter(({ id }) => id !== "surface") }],
};
const curves = { title: "Slices", sections: [sliced!] };

const onWalk = sharedReport(walk, wide);
const onCurves = sharedReport(curves, wide);

const scrubber = ".scrubber input";
const step = (page: Page): Promise<string> =>
  page.locator('.scrubber [data-readout="step"]').innerText();
/** The place of a figure's ball on the screen; on the surface in the units of its axes. */
const balls = `["training-curve", "contours", "slice-of-path", "distance-to-end"].map((id) => {
  const { x, y } = document.querySelector("#" + id + " .at-ball circle").getBoundingClientRect();
  return [x, y];
}).concat([(() => {
  const { data } = document.querySelector("#surface .chart");
  const { x, y } = data.find(({ uid }) => uid === "ball");
  return [x[0], y[0]];
})()])`;
const predictions = `[...document.querySelector("#predictions .chart").data.find(({ uid }) => uid === "first-series").y]`;

check("the scrubber moves every figure of its section in step, by keyboard and by pointer", () =>
  onWalk(async ({ page, errors }) => {
    const range = page.locator(scrubber);
    await range.focus();
    const last = await page.evaluate<number[][]>(balls);
    const predicted = await page.evaluate<number[]>(predictions);
    assert.is(await step(page), "60 of 60");
    await page.keyboard.press("Home");
    assert.is(await step(page), "0 of 60");
    await until(page, `JSON.stringify(${balls}[4]) !== ${JSON.stringify(JSON.stringify(last[4]))}`);
    const first = await page.evaluate<number[][]>(balls);
    first.forEach((place, index) => assert.not.equal(place, last[index], `figure ${index}`));
    const { path: way } = plane.record;
    assert.equal(first[4], [way?.alphas[0], way?.betas?.[0]], "the ball is at the first snapshot");
    assert.not.equal(await page.evaluate<number[]>(predictions), predicted);
    await page.keyboard.press("ArrowRight");
    assert.is(await step(page), "1 of 60");
    assert.match(
      (await range.getAttribute("aria-valuetext")) ?? "",
      /^step 1 of 60, loss [\d.]+, distance to the end [\d.]+$/,
    );
    const box = await range.boundingBox();
    assert.ok(box);
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    const middle = Number.parseInt(await step(page), 10);
    assert.ok(middle > 25 && middle < 35, `step ${middle}`);
    assert.equal(errors, []);
  }),
);

check(
  "it plays and pauses by button and by space, and in few steps where motion is not wanted",
  () =>
    withReport(flat, wide, async ({ page }) => {
      const label = (): Promise<string | null> => page.locator(".play").getAttribute("aria-label");
      const value = `Number(document.querySelector(${JSON.stringify(scrubber)}).value)`;
      await page.locator(".play").click();
      await until(page, `${value} > 0 && ${value} < 60`);
      assert.is(await label(), "Pause");
      await page.locator(".play").click();
      assert.is(await label(), "Play");
      const stopped = await step(page);
      await page.waitForTimeout(200);
      assert.is(await step(page), stopped, "paused");
      await page.locator(scrubber).focus();
      await page.keyboard.press("Space");
      assert.is(await label(), "Pause");
      await page.keyboard.press("Space");
      assert.is(await label(), "Play");
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.keyboard.press("Home");
      await page.keyboard.press("Space");
      const seen = await page.evaluate<number[]>(`new Promise((resolve) => {
      const seen = new Set();
      const timer = setInterval(() => {
        seen.add(${value});
        if (seen.size === 3) { clearInterval(timer); resolve([...seen]); }
      }, 20);
    })`);
      // Ten steps, one a second: 0, 6, 12 of 60.
      assert.ok(
        seen.every((index) => index % 6 === 0),
        seen.join(" "),
      );
    }),
);

const cells = (page: Page): Promise<string[]> =>
  page.locator(".losses tbody tr").first().locator("td").allInnerTexts();
const number = (text: string | undefined): number => Number(text?.replace("−", "-"));

check(
  "at each α the readout has the losses and slopes of all batches, and the step from there",
  () =>
    onCurves(async ({ page, errors }) => {
      const means = (await slices.summary()).map(({ mean }) => mean);
      const { alphas, directionNorms } = slices.record;
      const alpha = page.getByLabel("α", { exact: true });
      await alpha.focus();
      await page.keyboard.press("Home");
      for (let press = 0; press < 4; press++) await page.keyboard.press("ArrowRight");
      assert.is(
        number(await page.locator(".alpha-value").innerText()),
        Number(alphas[4]!.toPrecision(4)),
      );
      const [loss, slope] = (await cells(page)).map(number);
      const wanted = (means[5]! - means[3]!) / (alphas[5]! - alphas[3]!);
      assert.ok(Math.abs(loss! / means[4]! - 1) < 1e-3, "the mean's loss");
      assert.ok(Math.abs(slope! / wanted - 1) < 1e-2, "the mean's slope");
      assert.is(await page.locator(".losses tbody tr").count(), 4, "the mean and three batches");

      const rate = page.getByLabel("learning rate η");
      await rate.focus();
      const eta = number(await page.locator(".rate-value").innerText());
      const verdict = page.locator(".verdict");
      const to = number(/goes to α = (\S+?)[.:](?:\s|$)/.exec(await verdict.innerText())?.[1]);
      const norm = directionNorms[0]!;
      assert.ok(
        Math.abs(to - (alphas[4]! - (eta * wanted) / norm ** 2)) < 2e-3 * Math.abs(alphas[4]!),
      );
      assert.not.match(await verdict.innerText(), "overshoots");
      await page.keyboard.press("End");
      assert.match(await verdict.innerText(), "overshoots");
      assert.match((await rate.getAttribute("aria-valuetext")) ?? "", "overshoots");
      const tangent = page.locator("#slices .at-probe line[style*=dasharray]");
      assert.ok((await tangent.count()) > 0, "the tangent is drawn");

      const chart = page.locator("#slices .chart");
      await chart.scrollIntoViewIfNeeded();
      const box = await chart.boundingBox();
      assert.ok(box);
      const before = await page.locator(".alpha-value").innerText();
      await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2);
      assert.not.equal(
        await page.locator(".alpha-value").innerText(),
        before,
        "it follows the pointer",
      );
      assert.equal(errors, []);
    }),
);

check("one batch can be singled out", () =>
  onCurves(async ({ page }) => {
    await page.getByLabel("Show one batch").selectOption({ label: "batch 1" });
    await page.locator(".losses tr.chosen", { hasText: "batch 1" }).waitFor();
    const opacities = `document.querySelector("#slices .chart").data.map(({ opacity = 1 }) => opacity)`;
    const shown = await page.evaluate<number[]>(opacities);
    assert.is(
      shown.filter((opacity) => opacity < 1).length,
      4,
      "two batches and their lowest points",
    );
  }),
);

const eye = `(() => { const { eye } = document.querySelector("#surface .chart")._fullLayout.scene._scene.getCamera();
  return [eye.x, eye.y, eye.z].map((value) => Number(value.toFixed(3))); })()`;

check(
  "keys and drags turn the camera, a button resets it; the map's pointer is shown on the surface",
  () =>
    onWalk(async ({ page, errors }) => {
      const chart = page.locator("#surface .chart");
      const start = await page.evaluate<number[]>(eye);
      const isMoved = `JSON.stringify(${eye}) !== ${JSON.stringify(JSON.stringify(start))}`;
      await chart.focus();
      await page.keyboard.press("ArrowLeft");
      await until(page, isMoved);
      await page.getByRole("button", { name: "Reset view" }).press("Enter");
      await until(page, `!(${isMoved})`);
      const box = await chart.boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      for (let move = 1; move <= 5; move++) {
        await page.mouse.move(box.x + box.width / 2 + 20 * move, box.y + box.height / 2);
        await page.waitForTimeout(60);
      }
      await page.mouse.up();
      await until(page, isMoved);

      const pointer = `document.querySelector("#surface .chart").data.find(({ uid }) => uid === "pointer").x[0]`;
      const map = await page.locator("#contours .chart").boundingBox();
      assert.ok(map);
      for (const place of [0.4, 0.45, 0.5]) {
        await page.mouse.move(map.x + map.width * place, map.y + map.height * 0.4);
        await page.waitForTimeout(100);
      }
      await until(page, `Number.isFinite(${pointer})`);
      assert.equal(errors, []);
    }),
);

check("charts below the fold are drawn when they come near, and all of them on paper", () =>
  withReport(
    { title: "All", sections: [...flat.sections, ...curves.sections] },
    { ...phone, stays: true },
    async ({ page, errors }) => {
      const drawn = `document.querySelectorAll("[data-drawn=true]").length`;
      const figures = await page.locator("[data-figure]").count();
      assert.ok((await page.evaluate<number>(drawn)) < figures, "some are not drawn yet");
      assert.ok((await page.evaluate<number>(drawn)) > 0);
      assert.is((await page.locator("details:not([open])").count()) > 0, true);
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      await until(page, `document.querySelectorAll(".main-svg").length >= ${figures}`);
      assert.is(await page.locator("details:not([open])").count(), 0, "nothing is folded");
      await page.evaluate('dispatchEvent(new Event("afterprint"))');
      assert.ok((await page.locator("details:not([open])").count()) > 0);
      assert.equal(errors, []);
    },
  ),
);

check("the contents follow the reading, and open what is folded around a link's target", () =>
  withReport(
    { title: "All", sections: [...flat.sections, ...curves.sections] },
    { ...wide, stays: true },
    async ({ page }) => {
      const current = page.locator("nav a[aria-current]");
      assert.is(await current.innerText(), "The training");
      await page.evaluate('document.getElementById("landscape").scrollIntoView()');
      await until(page, 'document.querySelector("nav a[aria-current]").hash === "#landscape"');
      await page.evaluate('location.hash = "#result"');
      await page.locator("#result").waitFor({ state: "visible" });
    },
  ),
);

check("slopes are exact for a parabola, and the camera keeps its distance", async () => {
  const x = Float64Array.from([-1, -0.4, 0.1, 0.7, 2]);
  const curve = { x, y: x.map((value) => 3 * value ** 2 - value + 5) };
  x.forEach((value, index) => {
    assert.ok(Math.abs(slopeAt(curve, index) - (6 * value - 1)) < 1e-12);
  });
  assert.ok(Math.abs(bendAtLowest(curve) - 6) < 1e-12);
  assert.is(valueAt({ x: Float64Array.of(0, 1), y: Float64Array.of(2, 4) }, 0.25), 2.5);
  assert.ok(Number.isNaN(valueAt(curve, 3)));
  const start = { x: 1.2, y: 0.5, z: 0.9 };
  const turned = moved(start, "ArrowRight")!;
  assert.ok(Math.abs(Math.hypot(turned.x, turned.y, turned.z) - Math.hypot(1.2, 0.5, 0.9)) < 1e-12);
  assert.is(moved(start, "a"), undefined);
});

check("a report of a run with a surface along its path shows the walk on it", async () => {
  const html = await readFile(await report([run.dir], { out: at("run.html") }), "utf8");
  assert.is(html.match(/data-figure="surface"/g)?.length, 1);
  assert.match(html, "data-scrubber");
  await rm(folder, { recursive: true, force: true });
});

runSuite();
