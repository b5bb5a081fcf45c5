// The watching page's own script: follows a training through server-sent events.

import { draw, fail, root, setUpPrint, setUpResize, setUpTheme } from "./charts.js";
import { numberReader, readFigure } from "./numbers.js";

const charts = [];
let rows = [];
let run;
let isDue = false;

function place(id) {
  return document.getElementById(id);
}

function told(value, digits = 6) {
  if (!Number.isFinite(value)) return "not finite";
  const number = Number(value.toPrecision(digits));
  return Math.abs(number) >= 1e-4 && Math.abs(number) < 1e15
    ? number.toLocaleString("en", { maximumFractionDigits: 9 }).replaceAll(",", "\u202f")
    : number.toExponential();
}

function time(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const units = ["h", "min", "s"];
  const from = parts.findIndex((part, index) => part > 0 || index === 2);
  return parts
    .map((part, index) => `${part} ${units[index]}`)
    .slice(from)
    .join(" ");
}

function chartAt(figure) {
  return {
    figure,
    place: figure.querySelector(".chart"),
    legend: figure.querySelector(".chart-legend"),
    hidden: new Set(),
    isDrawn: false,
    isSurface: false,
    width: 0,
  };
}

async function show(chart, drawn) {
  chart.drawn = drawn;
  try {
    await draw(chart);
    chart.figure.dataset.drawn = "true";
  } catch (error) {
    fail(chart, error);
  }
}

/** The rows a second over stretches of the time, some two hundred of them. */
function rates() {
  const found = { x: [], y: [] };
  const stretch = rows.at(-1).seconds / 200;
  let from = rows[0];
  for (const row of rows) {
    if (row.seconds - from.seconds < stretch) continue;
    found.x.push(row.seconds);
    found.y.push((row.rows - from.rows) / (row.seconds - from.seconds));
    from = row;
  }
  return found;
}

function lines(id, x, y, name, points) {
  return {
    kind: "lines",
    id,
    x,
    y,
    bands: [],
    series: [{ name, role: "line", colour: { palette: 0 }, ...points }],
  };
}

function spread(values) {
  const finite = values.filter((value) => Number.isFinite(value) && value > 0);
  return (
    finite.reduce((a, b) => Math.max(a, b), 0) / finite.reduce((a, b) => Math.min(a, b), Infinity)
  );
}

async function update() {
  isDue = false;
  const last = rows.at(-1);
  if (!last) return;
  const speed = rates();
  const rate = speed.y.at(-1) ?? last.rows / last.seconds;
  place("loss").textContent = told(last.loss ?? NaN);
  place("rate").textContent = Number.isFinite(rate) ? told(rate, 3) : "–";
  place("step").textContent = told(last.step);
  place("epoch").textContent = run
    ? `${last.epoch + 1} of ${told(run.epochs)}`
    : told(last.epoch + 1);
  place("elapsed").textContent = time(last.seconds);
  const left = (run?.rows - last.rows) / (last.rows / last.seconds);
  place("left").textContent =
    run?.status !== "running" ? "–" : Number.isFinite(left) ? time(Math.max(0, left)) : "–";
  const losses = rows.map((row) => row.loss ?? NaN);
  await show(
    charts[0],
    lines(
      "live-loss",
      { title: "step (one update of the weights)", symbol: "step", scale: "linear" },
      {
        title: `loss (${run?.loss ?? "mean squared error"}, of the step’s batch)`,
        symbol: "loss",
        scale: spread(losses) > 10 ? "log" : "linear",
      },
      "loss",
      { x: rows.map((row) => row.step), y: losses },
    ),
  );
  if (speed.x.length < 2) return;
  await show(
    charts[1],
    lines(
      "live-rate",
      { title: "time since the start (s)", symbol: "time", scale: "linear" },
      { title: "rows/s", symbol: "rows/s", scale: "linear" },
      "rows/s",
      speed,
    ),
  );
}

/** At most a few times a second, however fast the steps come. */
function updateSoon() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => void update(), 300);
}

function element(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A place for a figure that comes while the page is open. */
function placeFor(news) {
  const id = `figure-${charts.length}`;
  const figure = element(
    "figure",
    { "data-figure": id, role: "figure", "aria-labelledby": `${id}-title` },
    element("h2", { class: "block-title", id: `${id}-title` }, ""),
    element("div", { class: "chart lines", role: "group" }),
    element("ul", { class: "chart-legend", "aria-label": "Legend" }),
    element("figcaption", {}, element("p", {})),
  );
  place("figures").append(figure);
  const chart = chartAt(figure);
  chart.name = news.name;
  charts.push(chart);
  resize.observe(chart.place);
  return chart;
}

async function showFigure(news) {
  const chart = charts.find((one) => one.name === news.name) ?? placeFor(news);
  chart.figure.querySelector("h2").textContent = news.title;
  chart.figure.querySelector("figcaption p").textContent = [news.caption, ...news.notes].join(" ");
  chart.place.setAttribute("aria-label", news.description);
  await show(chart, readFigure(news.figure, numberReader(news.numbers)));
}

const words = {
  waiting: "waiting for the training to begin",
  running: "training",
  done: "done",
  stopped: "stopped before its end",
  diverged: "diverged: the loss is no longer a finite number",
};

function showRun(news) {
  run = news;
  place("title").textContent = news.title;
  place("folder").textContent = news.folder;
  place("loss").previousElementSibling.textContent = `loss (${news.loss})`;
  place("status").textContent = words[news.status];
  root.dataset.status = news.status;
  if (news.status === "diverged") {
    charts[0].figure.querySelector("figcaption p").textContent =
      "Look for where the loss begins to grow: where a step overshoots the minimum by more than it was away, the next one is larger still.";
  }
  document.title = `${words[news.status].split(":")[0]}: ${news.title}`;
  updateSoon();
}

function follow() {
  const source = new EventSource("/events");
  const on = (name, take) => source.addEventListener(name, (event) => take(JSON.parse(event.data)));
  on("run", showRun);
  on("history", (news) => {
    if (news.isAnew) rows = news.rows;
    else rows.push(...news.rows);
    updateSoon();
  });
  on("figure", (news) => void showFigure(news));
  on("problem", ({ message }) => {
    place("problem").textContent = message;
    place("problem").hidden = false;
  });
  source.addEventListener("open", () => {
    root.dataset.ready = "true";
  });
  source.addEventListener("error", () => {
    root.dataset.ready = "false";
    const isOver = run && run.status !== "running" && run.status !== "waiting";
    // A training that has ended has nothing more to tell; else the browser tries again by itself.
    if (isOver) source.close();
    else place("status").textContent = "the connection is lost; trying again";
  });
}

for (const figure of document.querySelectorAll("[data-figure]")) charts.push(chartAt(figure));
setUpTheme(charts);
setUpPrint(charts);
const resize = setUpResize(charts);
follow();
