// The script of a report: draws the figures in the page's JSON with Plotly. It makes no requests.

import {
  addNote,
  draw,
  fail,
  offerSpares,
  root,
  setUpPrint,
  setUpResize,
  setUpTheme,
} from "./charts.js";
import type { DrawnFigure } from "../figures/drawn.js";
import type { PackedArray } from "../figures/packing.js";
import { numberReader, readFigure, type ReadNumbers } from "./unpack.js";
import { hasWebGL } from "./surface-chart.js";
import { setUpSorting } from "./tables.js";
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
      const reason = isPossible
        ? `A page can show ${mostSurfaces} surfaces in three dimensions at a time`
        : "This browser has no WebGL";
      addNote(
        chart,
        `${reason}, so this surface is shown from above, as a map with contour lines.`,
      );
    }
  }
  return chart;
}

async function start(): Promise<void> {
  // Images are made with #drawings: vector images need charts that are drawn, not painted.
  root.dataset["drawings"] = String(location.hash === "#drawings");
  const figures = JSON.parse(byId("figures").textContent ?? "") as DrawnFigure[];
  const read = numberReader(JSON.parse(byId("numbers").textContent ?? "") as PackedArray[]);
  const charts = figures.map((figure) => chartOf(figure, read));
  setUpTheme(charts);
  setUpSorting();
  for (const chart of charts) {
    try {
      if (!("Plotly" in globalThis))
        throw new Error("the chart library in this file did not start.");
      await draw(chart);
      chart.figure.dataset["drawn"] = "true";
    } catch (error) {
      fail(chart, error);
    }
    // Keeps the page responsive between two charts.
    await new Promise((resolve) => setTimeout(resolve));
  }
  setUpPrint(charts);
  setUpResize(charts);
  root.dataset["ready"] = "true";
}

void start();
