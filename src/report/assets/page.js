// The report's own script: draws the charts described by the JSON in the page with Plotly, and
// draws them again when light turns to dark or the width changes. It asks nothing of the network.

import { readTheme } from "./colours.js";
import { drawLegend } from "./legend.js";
import { isTouch } from "./layout.js";
import { lineChart } from "./lines.js";
import { numberReader, readFigure } from "./numbers.js";
import { contourChart, hasWebGL, surfaceChart } from "./surfaces.js";

const root = document.documentElement;
/** More surfaces than this would exceed the WebGL contexts that browsers grant a page. */
const mostSurfaces = 8;
const printWidth = 680;
let surfaces = 0;

const config = {
  displaylogo: false,
  // On a touch screen it would always be there, over the chart.
  displayModeBar: isTouch() ? false : "hover",
  showSendToCloud: false,
  showEditInChartStudio: false,
  scrollZoom: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "tableRotation"],
};

function addNote(chart, text) {
  if (chart.noted) return;
  chart.noted = true;
  const caption = chart.figure.querySelector("figcaption");
  let notes = caption.querySelector(".notes");
  if (!notes) {
    notes = document.createElement("ul");
    notes.className = "notes";
    caption.append(notes);
  }
  const note = document.createElement("li");
  note.textContent = text;
  notes.append(note);
}

function describe(chart, theme, size) {
  const { drawn, hidden } = chart;
  if (drawn.kind === "lines") return lineChart(drawn, theme, { ...chart, size });
  if (chart.isSurface) return surfaceChart(drawn, theme, size, hidden);
  return contourChart(drawn, theme, size, hidden);
}

/** Draws a long series anew, with more of its points, when a part of it is looked at. */
function followZoom(chart) {
  if (chart.drawn.kind !== "lines") return;
  if (chart.drawn.series.every((one) => one.isSpare || one.x.length <= 300)) return;
  chart.place.on("plotly_relayout", (change) => {
    const isLog = chart.drawn.x.scale === "log";
    const ends = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (change["xaxis.autorange"]) chart.view = undefined;
    else if (ends.every(Number.isFinite)) chart.view = isLog ? ends.map((at) => 10 ** at) : ends;
    else return;
    void draw(chart);
  });
}

/** Offers every single batch where only some are drawn. */
function offerSpares(chart, read) {
  const select = chart.figure.querySelector(".chosen-curve select");
  if (!select) return;
  const batches = chart.drawn.series.filter((one) => one.role === "batch");
  select.append(...batches.map((one, index) => new Option(one.name, String(index))));
  select.addEventListener("change", () => {
    const one = batches[select.value === "" ? -1 : Number(select.value)];
    if (one?.isSpare && "packed" in one.x) Object.assign(one, { x: read(one.x), y: read(one.y) });
    chart.chosen = one;
    void draw(chart);
  });
}

async function draw(chart, width) {
  const theme = readTheme();
  const size = { width: width ?? chart.place.clientWidth, height: chart.place.clientHeight };
  chart.width = size.width;
  const { entries, layout, data } = describe(chart, theme, size);
  if (chart.isDrawn) await globalThis.Plotly.react(chart.place, data, layout, config);
  else {
    chart.place.replaceChildren();
    await globalThis.Plotly.newPlot(chart.place, data, layout, config);
    chart.isDrawn = true;
    followZoom(chart);
  }
  drawLegend(chart, entries, theme);
}

function fail(chart, error) {
  const reason = error instanceof Error ? error.message : String(error);
  const message = document.createElement("p");
  message.className = "chart-failed";
  message.setAttribute("role", "alert");
  message.textContent = `This chart could not be drawn: ${reason}`;
  chart.place.replaceChildren(message);
  chart.legend.replaceChildren();
  chart.figure.dataset.drawn = "false";
}

async function redrawAll(charts, width) {
  for (const chart of charts) {
    if (!chart.isDrawn) continue;
    try {
      await draw(chart, width);
    } catch (error) {
      fail(chart, error);
    }
  }
}

function chartOf(described, read) {
  const drawn = readFigure(described, read);
  const figure = document.querySelector(`[data-figure="${CSS.escape(drawn.id)}"]`);
  const chart = {
    drawn,
    figure,
    place: figure.querySelector(".chart"),
    legend: figure.querySelector(".chart-legend"),
    hidden: new Set(),
    isDrawn: false,
    isSurface: false,
    noted: false,
    width: 0,
  };
  offerSpares(chart, read);
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

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches;
}

function setUpTheme(charts) {
  const button = document.getElementById("theme");
  const label = () => {
    const other = isDark() ? "Light" : "Dark";
    button.textContent = other;
    button.setAttribute("aria-label", `Switch to ${other.toLowerCase()} colours`);
  };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    label();
    void redrawAll(charts);
  });
  systemDark.addEventListener("change", () => {
    label();
    if (!root.dataset.theme) void redrawAll(charts);
  });
}

/** Paper is light and narrow; afterwards everything is as it was. */
function setUpPrint(charts) {
  let before;
  addEventListener("beforeprint", () => {
    before = root.dataset.theme ?? "";
    root.dataset.theme = "light";
    for (const chart of charts)
      if (chart.isDrawn) void draw(chart, Math.min(chart.width, printWidth));
  });
  addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    void redrawAll(charts);
  });
}

function setUpResize(charts) {
  let timer;
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      void redrawAll(charts.filter((chart) => chart.place.clientWidth !== chart.width));
    }, 80);
  });
  for (const chart of charts) observer.observe(chart.place);
}

async function start() {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const read = numberReader(JSON.parse(document.getElementById("numbers").textContent));
  const charts = figures.map((figure) => chartOf(figure, read));
  setUpTheme(charts);
  for (const chart of charts) {
    try {
      if (!globalThis.Plotly) throw new Error("the chart library in this file did not start.");
      await draw(chart);
      chart.figure.dataset.drawn = "true";
    } catch (error) {
      fail(chart, error);
    }
    // Lets the page scroll and answer between two charts.
    await new Promise((resolve) => setTimeout(resolve));
  }
  setUpPrint(charts);
  setUpResize(charts);
  root.dataset.ready = "true";
}

void start();
