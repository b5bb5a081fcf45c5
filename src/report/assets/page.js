// The report's own script: draws the charts described by the JSON in the page with Plotly, and
// draws them again when light turns to dark or the width changes. It asks nothing of the network.

import { readTheme } from "./colours.js";
import { drawLegend } from "./legend.js";
import { isTouch } from "./layout.js";
import { lineChart } from "./lines.js";
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
  if (drawn.kind === "lines") return lineChart(drawn, theme, size, hidden);
  if (chart.isSurface) return surfaceChart(drawn, theme, size, hidden);
  return contourChart(drawn, theme, size, hidden);
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

function chartOf(drawn) {
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
  if (drawn.kind === "surface") {
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
  const charts = figures.map(chartOf);
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
