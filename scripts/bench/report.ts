import { mkdtemp, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { formatBytes } from "../../src/common/text/sizes.js";
import { failure } from "../../src/common/errors.js";
import type { LineFigure } from "../../src/report/index.js";
import { writeReport } from "../../src/report/index.js";
import { noBrowser, openBrowser } from "../../test/helpers/browser.js";
import { describeMachine, machineFacts } from "./machine.js";
import { median } from "./measure.js";
import { atLeastOne, COMMON, readCommon } from "./options.js";

/*
 * How smooth a report of very many curves stays, in a headless Chromium that draws in software: from
 * the end of each gesture until its last frame has been painted; of a pan, from each step of the pointer.
 */

/** What is measured, in the order in which it is done. */
const ACTIONS = ["open", "hover", "zoom", "pan", "zoom out", "choose a batch"] as const;
type Action = (typeof ACTIONS)[number];

/** Milliseconds for which nothing is painted any more when a gesture's work is over. */
const QUIET = 300;
/** Milliseconds after which an action that shows nothing has failed. */
const PATIENCE = 30_000;
/** Steps of the pointer in a pan: each is measured. */
const PAN_STEPS = 10;

/** Slices of `batches` batches in `points` points, as a landscape's report draws them. */
function slices(batches: number, points: number): LineFigure {
  const x = Float64Array.from(
    { length: points },
    (_, index) => (2 * index) / Math.max(1, points - 1) - 1,
  );
  const curve = (batch: number): Float64Array =>
    x.map(
      (alpha) => (alpha - 0.1 * Math.sin(batch)) ** 2 + 0.05 * Math.cos(9 * alpha + batch) + 0.06,
    );
  const edge = (shift: number): Float64Array => x.map((alpha) => alpha ** 2 + 0.06 + shift);
  return {
    kind: "lines",
    id: "slices",
    title: "Slices",
    caption: "Look at the time that it takes.",
    x: { title: "α, distance from the trained weights", symbol: "α" },
    y: { title: "loss (mean squared error)", symbol: "loss" },
    series: [
      ...Array.from({ length: batches }, (_, batch) => ({
        name: `batch ${batch}`,
        role: "batch" as const,
        lowest: true,
        x,
        y: curve(batch),
      })),
      { name: "mean", role: "mean", x, y: edge(0) },
    ],
    bands: [{ name: "5 % to 95 %", x, low: edge(-0.05), high: edge(0.05) }],
  };
}

/** Expressions for the page are text, since scripts are compiled without its types. */
const FIGURE = '[data-figure="slices"]';

/**
 * Takes the time, from now on, from each event of one kind to the last frame painted for it. Plotly
 * answers some events later than at once; what it then draws counts too.
 */
async function takeTimes(page: Page, event: string): Promise<void> {
  await page.evaluate(`{
    globalThis.times = [];
    const paint = () => requestAnimationFrame(() => setTimeout(() => {
      const now = performance.now();
      globalThis.lastPainted = now;
      const last = globalThis.times.at(-1);
      if (last) last.painted = now;
    }));
    globalThis.stopTaking?.();
    const begin = () => { globalThis.times.push({ begun: performance.now() }); paint(); };
    addEventListener(${JSON.stringify(event)}, begin, true);
    globalThis.stopTaking = () => removeEventListener(${JSON.stringify(event)}, begin, true);
    globalThis.repaint = paint;
    if (!globalThis.isHeard) {
      globalThis.isHeard = true;
      const chart = document.querySelector('${FIGURE} .chart');
      for (const name of ["plotly_afterplot", "plotly_hover", "plotly_relayouting"])
        chart.on(name, () => globalThis.repaint());
    }
  }`);
}

/** Milliseconds of each event that has been painted, once nothing has been painted for a while. */
async function timesTaken(page: Page, action: Action): Promise<number[]> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    await page.waitForTimeout(QUIET / 2);
    const times = await page.evaluate<number[] | null>(
      `performance.now() - (globalThis.lastPainted ?? Infinity) > ${QUIET} && globalThis.times.length > 0
        ? globalThis.times.filter(({ painted }) => painted).map(({ begun, painted }) => painted - begun) : null`,
    );
    if (times !== null && times.length > 0) return times;
  }
  throw failure(`Nothing was painted for the action ${action} in ${PATIENCE / 1000} s.`);
}

/** Does everything once: what each action took, the longest of its frames where it has several. */
async function actOnce(page: Page, address: string): Promise<Partial<Record<Action, number>>> {
  await page.goto(address);
  await page.waitForSelector('html[data-ready="true"]', { timeout: 120_000 });
  const told: Partial<Record<Action, number>> = {
    open: await page.evaluate<number>("performance.now()"),
  };
  const place = page.locator(`${FIGURE} .chart`);
  await place.scrollIntoViewIfNeeded();
  const box = await place.boundingBox();
  if (box === null) throw failure("The chart of the report is not to be seen.");
  const at = (across: number, down: number): [number, number] => [
    box.x + box.width * across,
    box.y + box.height * down,
  ];
  const measured = async (
    name: Action,
    event: string,
    act: () => Promise<unknown>,
  ): Promise<void> => {
    await takeTimes(page, event);
    await act();
    told[name] = Math.max(...(await timesTaken(page, name)));
  };
  await page.mouse.move(...at(0.4, 0.82));
  // Plotly tells values at most every 50 ms; a pointer that rested is answered at once.
  await page.waitForTimeout(QUIET);
  await measured("hover", "mousemove", () => page.mouse.move(...at(0.5, 0.84)));
  if ((await page.locator(`${FIGURE} .hoverlayer .hovertext`).count()) === 0)
    throw failure("No value is told under the pointer.");
  await page.mouse.move(...at(0.4, 0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.6, 0.8), { steps: 5 });
  await measured("zoom", "mouseup", () => page.mouse.up());
  await page.locator(`${FIGURE} .modebar-btn[data-title="Pan"]`).click();
  await page.mouse.move(...at(0.5, 0.5));
  await page.mouse.down();
  await measured("pan", "mousemove", async () => {
    for (let step = 1; step <= PAN_STEPS; step++) {
      await page.mouse.move(...at(0.5 + 0.02 * step, 0.5 + 0.01 * step));
      await page.waitForTimeout(100);
    }
  });
  await page.mouse.up();
  await page.waitForTimeout(QUIET);
  await measured("zoom out", "mouseup", () => page.mouse.dblclick(...at(0.5, 0.5)));
  const select = page.getByLabel("Show one batch");
  if ((await select.count()) > 0)
    await measured("choose a batch", "change", () => select.selectOption({ index: 2 }));
  return told;
}

/**
 * Measures a report's page.
 *
 * @param words `--batches 1000 --points 1000 --runs 3 --folder .bench --json`
 * @returns what is to be printed
 */
export async function benchReport(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: {
      ...COMMON,
      batches: { type: "string", default: "1000" },
      points: { type: "string", default: "1000" },
    },
  });
  const { runs, json, folder: place } = await readCommon(values);
  const batches = atLeastOne(values.batches, "--batches");
  const points = atLeastOne(values.points, "--points");
  const folder = await mkdtemp(path.join(place, "report-"));
  const browser = await openBrowser();
  try {
    if (!browser) throw failure(noBrowser);
    const file = await writeReport(path.resolve(folder, "many.html"), {
      title: "Many",
      sections: [{ id: "many", title: "Many", blocks: [slices(batches, points)] }],
    });
    const { size } = await stat(file);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const samples: Partial<Record<Action, number>>[] = [];
    for (let run = 0; run < runs; run++)
      samples.push(await actOnce(page, pathToFileURL(file).href));
    const measured = ACTIONS.flatMap((name) => {
      const taken = samples.flatMap((sample) => sample[name] ?? []);
      return taken.length === 0
        ? []
        : [{ name, median: median(taken), least: Math.min(...taken), most: Math.max(...taken) }];
    });
    const machine = machineFacts([`Chromium ${browser.version()}`]);
    if (json)
      return JSON.stringify(
        { concern: "report", batches, points, runs, bytes: size, machine, milliseconds: measured },
        undefined,
        2,
      );
    return [
      `report: slices of ${batches} batches in ${points} points, a file of ${formatBytes(size)}, medians of ${runs} runs in milliseconds (least – most)`,
      ...describeMachine(machine),
      "",
      ...measured.map(
        ({ name, median: middle, least, most }) =>
          `${name.padEnd(16)}${middle.toFixed(0).padStart(6)}  (${least.toFixed(0)} – ${most.toFixed(0)})`,
      ),
    ].join("\n");
  } finally {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
