// The script of the watch page: follows a training by server-sent events.

import { draw, fail, root, setUpResize, setUpTheme } from "./charts.js";
import { setUpPrint } from "./page/print.js";
import { formatCount, formatNumber, NO_VALUE } from "../../common/text/numbers.js";
import { formatSeconds } from "../../common/text/times.js";
import type { HistoryRow } from "../../train/index.js";
import type { FigureUpdate, HistoryUpdate, RunState } from "../watch/events.js";
import { numberReader, readFigure } from "./unpack.js";
import { byId, within } from "./types.js";
import type { AxisData, Chart, ReadFigure, ReadLines } from "./types.js";

const charts: Chart[] = [];
let rows: HistoryRow[] = [];
let run: RunState | undefined;
let isDue = false;

function chartAt(figure: HTMLElement): Chart {
  return {
    figure,
    container: within(figure, ".chart"),
    legend: within(figure, ".chart-legend"),
    hidden: new Set(),
    isDrawn: false,
    isSurface: false,
    width: 0,
  };
}

async function show(chart: Chart, drawn: ReadFigure): Promise<void> {
  chart.drawn = drawn;
  try {
    await draw(chart);
    chart.figure.dataset["drawn"] = "true";
  } catch (error) {
    fail(chart, error);
  }
}

/** Points of a line. Gaps are NaN. */
interface Points {
  x: number[];
  y: number[];
}

/** Rows per second in about two hundred intervals of the time so far. */
function rates(): Points {
  const found: Points = { x: [], y: [] };
  const interval = rows.at(-1)!.seconds / 200;
  let from = rows[0]!;
  for (const row of rows) {
    if (row.seconds - from.seconds < interval) continue;
    found.x.push(row.seconds);
    found.y.push((row.rows - from.rows) / (row.seconds - from.seconds));
    from = row;
  }
  return found;
}

function lines(id: string, x: AxisData, y: AxisData, name: string, points: Points): ReadLines {
  return {
    kind: "lines",
    id,
    x,
    y,
    bands: [],
    series: [
      {
        name,
        role: "line",
        colour: { palette: 0 },
        x: Float64Array.from(points.x),
        y: Float64Array.from(points.y),
      },
    ],
  };
}

function spread(values: readonly number[]): number {
  const finite = values.filter((value) => Number.isFinite(value) && value > 0);
  return (
    finite.reduce((a, b) => Math.max(a, b), 0) / finite.reduce((a, b) => Math.min(a, b), Infinity)
  );
}

async function redraw(): Promise<void> {
  isDue = false;
  const last = rows.at(-1);
  if (!last) return;
  const speed = rates();
  updateTiles(last, speed.y.at(-1) ?? last.rows / last.seconds);
  await show(charts[0]!, lossLines());
  if (speed.x.length >= 2) await show(charts[1]!, rateLines(speed));
}

/** @param rate rows per second */
function updateTiles(last: HistoryRow, rate: number): void {
  byId("loss").textContent = Number.isFinite(last.loss) ? formatNumber(last.loss) : "not finite";
  byId("rate").textContent = formatCount(rate);
  byId("step").textContent = formatNumber(last.step);
  byId("epoch").textContent = run
    ? `${last.epoch + 1} of ${formatNumber(run.epochs)}`
    : formatNumber(last.epoch + 1);
  byId("elapsed").textContent = formatSeconds(Math.round(last.seconds));
  const left = ((run?.rows ?? NaN) - last.rows) / (last.rows / last.seconds);
  byId("left").textContent = run?.status === "running" ? formatSeconds(Math.round(left)) : NO_VALUE;
}

function lossLines(): ReadLines {
  const losses = rows.map((row) => row.loss ?? NaN);
  return lines(
    "live-loss",
    { title: "step (one update of the weights)", symbol: "step", scale: "linear" },
    {
      title: `loss (${run?.loss ?? "mean squared error"}, of the step’s batch)`,
      symbol: "loss",
      scale: spread(losses) > 10 ? "log" : "linear",
    },
    "loss",
    { x: rows.map((row) => row.step), y: losses },
  );
}

function rateLines(speed: Points): ReadLines {
  return lines(
    "live-rate",
    { title: "time since the start (s)", symbol: "time", scale: "linear" },
    { title: "rows/s", symbol: "rows/s", scale: "linear" },
    "rows/s",
    speed,
  );
}

/** Redraws at most a few times a second. */
function redrawSoon(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(() => void redraw(), 300);
}

function element(
  name: string,
  properties: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Adds a figure to the page. */
function addFigure(update: FigureUpdate): Chart {
  const id = `figure-${charts.length}`;
  const figure = element(
    "figure",
    { "data-figure": id, role: "figure", "aria-labelledby": `${id}-title` },
    element("h2", { class: "block-title", id: `${id}-title` }, ""),
    element("div", { class: "chart lines", role: "group" }),
    element("ul", { class: "chart-legend", "aria-label": "Legend" }),
    element("figcaption", {}, element("p", {})),
  );
  byId("figures").append(figure);
  const chart = chartAt(figure);
  chart.name = update.name;
  charts.push(chart);
  resize.observe(chart.container);
  return chart;
}

async function showFigure(update: FigureUpdate): Promise<void> {
  const chart = charts.find((one) => one.name === update.name) ?? addFigure(update);
  within(chart.figure, "h2").textContent = update.title;
  within(chart.figure, "figcaption p").textContent = [update.caption, ...update.notes].join(" ");
  chart.container.setAttribute("aria-label", update.description);
  await show(chart, readFigure(update.figure, numberReader(update.numbers)));
}

const words: Record<RunState["status"], string> = {
  waiting: "waiting for the training to begin",
  running: "training",
  done: "done",
  stopped: "stopped before its end",
  diverged: "diverged: the loss is no longer a finite number",
};

function showRun(state: RunState): void {
  run = state;
  byId("title").textContent = state.title;
  byId("folder").textContent = state.folder;
  const label = byId("loss").previousElementSibling;
  if (label !== null) label.textContent = `loss (${state.loss})`;
  byId("status").textContent = words[state.status];
  root.dataset["status"] = state.status;
  if (state.status === "diverged") {
    within(charts[0]!.figure, "figcaption p").textContent =
      "Look for where the loss begins to grow: where a step overshoots the minimum by more than its distance, the next step is larger still.";
  }
  document.title = `${words[state.status].split(":")[0]}: ${state.title}`;
  redrawSoon();
}

function followEvents(): void {
  const source = new EventSource("/events");
  function on<Data>(name: string, take: (data: Data) => void): void {
    source.addEventListener(name, (event: MessageEvent<string>) => take(JSON.parse(event.data)));
  }
  on("run", showRun);
  on("history", (update: HistoryUpdate) => {
    if (update.replaces) rows = update.rows;
    else rows.push(...update.rows);
    redrawSoon();
  });
  on("figure", (update: FigureUpdate) => void showFigure(update));
  on("problem", ({ message }: { message: string }) => {
    byId("problem").textContent = message;
    byId("problem").hidden = false;
  });
  source.addEventListener("open", () => {
    root.dataset["ready"] = "true";
  });
  source.addEventListener("error", () => {
    root.dataset["ready"] = "false";
    const isOver = run && run.status !== "running" && run.status !== "waiting";
    // A training that has ended sends no more events. Otherwise the browser reconnects by itself.
    if (isOver) source.close();
    else byId("status").textContent = "the connection is lost; trying again";
  });
}

for (const figure of document.querySelectorAll<HTMLElement>("[data-figure]"))
  charts.push(chartAt(figure));
setUpTheme(charts);
setUpPrint(charts);
const resize = setUpResize(charts);
followEvents();
