// The script of a report: draws the figures in the page's JSON with Plotly. It makes no requests.

import {
  addNote,
  draw,
  fail,
  offerSpares,
  root,
  setUpResize,
  setUpTheme,
  setUpWords,
} from "./charts.js";
import { script } from "./language.js";
import type { DrawnFigure, DrawnScrubber } from "../figures/drawn.js";
import type { PackedArray } from "../figures/packing.js";
import { setUpCamera } from "./moving/camera.js";
import { setUpLink } from "./moving/linked.js";
import { setUpProbe } from "./moving/probe.js";
import { setUpScrubbers } from "./moving/scrubber.js";
import { setUpContents, setUpTargets } from "./page/contents.js";
import { drawWhenNear } from "./page/near.js";
import { setUpPrint } from "./page/print.js";
import { setUpSorting } from "./page/tables.js";
import { numberReader, readFigure, type ReadNumbers } from "./unpack.js";
import { hasWebGL } from "./surface-chart.js";
import { byId, within } from "./types.js";
import type { Chart } from "./types.js";

/** The most surfaces: browsers limit the WebGL contexts of a page. */
const mostSurfaces = 8;
let surfaces = 0;

function chartOf(described: DrawnFigure, read: ReadNumbers): Chart {
  const drawn = readFigure(described, read);
  const figure = within(document, `[data-figure="${CSS.escape(drawn.id)}"]`);
  const chart: Chart = {
    drawn,
    figure,
    container: within(figure, ".chart"),
    legend: within(figure, ".chart-legend"),
    hidden: new Set(),
    isDrawn: false,
    isSurface: false,
    noted: false,
    width: 0,
  };
  offerSpares(chart, drawn, read);
  if (drawn.kind === "surface" && drawn.view === "3d") {
    const isPossible = hasWebGL();
    chart.isSurface = isPossible && surfaces++ < mostSurfaces;
    if (!chart.isSurface) {
      addNote(chart, isPossible ? script.tooManySurfaces(mostSurfaces) : script.noWebGL);
    }
  }
  return chart;
}

/** Draws a chart for the first time, and lets a reader move it. */
async function drawFirst(chart: Chart, charts: readonly Chart[]): Promise<void> {
  // Printing may have drawn it already.
  if (chart.isDrawn) return;
  try {
    if (!("Plotly" in globalThis)) throw new Error(script.noLibrary);
    await draw(chart);
    setUpCamera(chart);
    setUpLink(chart, charts);
    chart.figure.dataset["drawn"] = "true";
    if (performance.getEntriesByName("first-figure").length === 0) performance.mark("first-figure");
  } catch (error) {
    fail(chart, error);
  }
}

async function start(): Promise<void> {
  // Images are made with #drawings: vector images need charts that are drawn, not painted.
  const isDrawings = location.hash === "#drawings";
  root.dataset["drawings"] = String(isDrawings);
  const figures = JSON.parse(byId("figures").textContent ?? "") as DrawnFigure[];
  const scrubbers = JSON.parse(byId("scrubbers").textContent ?? "") as DrawnScrubber[];
  const read = numberReader(JSON.parse(byId("numbers").textContent ?? "") as PackedArray[]);
  setUpWords();
  setUpContents();
  setUpTargets();
  const charts = figures.map((figure) => chartOf(figure, read));
  setUpTheme(charts);
  setUpSorting();
  for (const chart of charts) setUpProbe(chart);
  setUpScrubbers(charts, scrubbers, read);
  setUpPrint(charts);
  if (isDrawings) for (const chart of charts) await drawFirst(chart, charts);
  else await drawWhenNear(charts, (chart) => drawFirst(chart, charts));
  setUpResize(charts);
  root.dataset["ready"] = "true";
}

void start();
