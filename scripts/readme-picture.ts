import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { failure, messageOf } from "../src/common/errors.js";
import { generate } from "../src/index.js";
import { landscape } from "../src/landscape/index.js";
import type { Figure, ReportSection } from "../src/report/index.js";
import { sectionsOfLandscape, writeReport } from "../src/report/index.js";
import { openDataset } from "../src/stream/index.js";
import { train } from "../src/train/index.js";
import { noBrowser, openBrowser } from "../test/helpers/browser.js";
import { languageOf } from "../src/language/index.js";

const english = languageOf("en");

/*
 * The picture of the README: two figures of a report, as a browser shows them. A network is trained,
 * the loss of single batches is sliced around its weights, and the surface around the training's path
 * is drawn.
 */

/** Pixels across in the page, the width at which a README is read; the picture has twice as many. */
const WIDTH = 1100;

/** A landscape's figure, without links to files that only this program sees. */
function figureOf(sections: readonly ReportSection[], id: string): Figure {
  const figure = sections[0]?.blocks.find((block) => block.id === id);
  if (figure === undefined || figure.kind === "table") throw failure(`There is no figure ${id}.`);
  return { ...figure, data: [] };
}

/** Slices without their readout, which only a page can have. */
function withoutProbe(figure: Figure): Figure {
  if (figure.kind !== "lines") return figure;
  const { probe: _probe, ...plain } = figure;
  return plain;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { out: { type: "string", default: "docs/report.png" } },
  });
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-picture-"));
  const browser = await openBrowser();
  try {
    if (!browser) throw failure(noBrowser);
    const data = path.join(folder, "data");
    await generate({ kind: "two-layer-sigmoid", out: data, rows: 100_000, seed: 10 });
    const run = await train(await openDataset(data), {
      model: "mlp",
      batchSize: 1000,
      learningRate: 0.05,
      epochs: 6,
      out: path.join(folder, "run"),
    });
    const slices = await landscape(run, { scale: 0.06, batches: 5, batchSize: 200 });
    const surface = await landscape(run, { along: "path", plane: true, points: 51, batches: 5 });
    const page = await browser.newPage({
      viewport: { width: WIDTH, height: 900 },
      deviceScaleFactor: 2,
    });
    const file = await writeReport(path.join(folder, "report.html"), {
      title: "Picture",
      sections: [
        {
          id: "picture",
          title: "Picture",
          blocks: [
            {
              ...figureOf(await sectionsOfLandscape(english, surface), "surface"),
              title: "The loss around the path of the training",
            },
            {
              ...withoutProbe(figureOf(await sectionsOfLandscape(english, slices), "slices")),
              title: "The loss of five batches around the trained weights",
              beside: true,
            },
          ],
        },
      ],
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready="true"]', { timeout: 120_000 });
    await page.locator(".beside").screenshot({ path: values.out });
    process.stdout.write(`The picture is ${values.out}.\n`);
  } finally {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
