// The watching page's own script: follows a training through server-sent events.

import { draw, fail, root, setUpPrint, setUpResize, setUpTheme } from "./charts.js";
import { formatCount, formatNumber } from "../../common/text/numbers.js";
import { formatSeconds } from "../../common/text/times.js";
import type { HistoryRow } from "../../train/index.js";
import type { FigureUpdate, HistoryUpdate, RunState } from "../watch/events.js";
import { numberReader, readFigure } from "./unpack.js";
import { byId, within } from "./types.js";
import type { Axis, Chart, ReadFigure, ReadLines } from "./types.js";

const charts: Chart[] = [];
let rows: HistoryRow[] = [];
let run: RunState | undefined;
let isDue = false;

function chartAt(figure: HTMLElement): Chart {
  return {
    figure,
    place: within(figure, ".chart"),
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

/** Points of a line; gaps are NaN. */
interface Points {
  x: number[];
  y: number[];
}

/** Rows per second in some two hundred intervals of the time so far. */
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

function lines(id: string, x: Axis, y: Axis, name: string, points: Points): ReadLines {
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

async function update(): Promise<void> {
  isDue = false;
  const last = rows.at(-1);
  if (!last) return;
  const speed = rates();
  const rate = speed.y.at(-1) ?? last.rows / last.seconds;
  byId("loss").textContent = Number.isFinite(last.loss) ? formatNumber(last.loss) : "not finite";
  byId("rate").textContent = formatCount(rate);
  byId("step").textContent = formatNumber(last.step);
  byId("epoch").textContent = run
    ? `${last.epoch + 1} of ${formatNumber(run.epochs)}`
    : formatNumber(last.epoch + 1);
  byId("elapsed").textContent = formatSeconds(Math.round(last.seconds));
  const left = ((run?.rows ?? NaN) - last.rows) / (last.rows / last.seconds);
  byId("left").textContent = run?.status === "running" ? formatSeconds(Math.round(left)) : "–";
  const losses = rows.map((row) => row.loss ?? NaN);
  await show(
    charts[0]!,
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
    charts[1]!,
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
function updateSoon(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(() => void update(), 300);
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

/** A place for a figure that comes while the page is open. */
function placeFor(news: FigureUpdate): Chart {
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
  chart.name = news.name;
  charts.push(chart);
  resize.observe(chart.place);
  return chart;
}

async function showFigure(news: FigureUpdate): Promise<void> {
  const chart = charts.find((one) => one.name === news.name) ?? placeFor(news);
  within(chart.figure, "h2").textContent = news.title;
  within(chart.figure, "figcaption p").textContent = [news.caption, ...news.notes].join(" ");
  chart.place.setAttribute("aria-label", news.description);
  await show(chart, readFigure(news.figure, numberReader(news.numbers)));
}

const words: Record<RunState["status"], string> = {
  waiting: "waiting for the training to begin",
  running: "training",
  done: "done",
  stopped: "stopped before its end",
  diverged: "diverged: the loss is no longer a finite number",
};

function showRun(news: RunState): void {
  run = news;
  byId("title").textContent = news.title;
  byId("folder").textContent = news.folder;
  const label = byId("loss").previousElementSibling;
  if (label !== null) label.textContent = `loss (${news.loss})`;
  byId("status").textContent = words[news.status];
  root.dataset["status"] = news.status;
  if (news.status === "diverged") {
    within(charts[0]!.figure, "figcaption p").textContent =
      "Look for where the loss begins to grow: where a step overshoots the minimum by more than it was away, the next one is larger still.";
  }
  document.title = `${words[news.status].split(":")[0]}: ${news.title}`;
  updateSoon();
}

function followEvents(): void {
  const source = new EventSource("/events");
  function on<News>(name: string, take: (news: News) => void): void {
    source.addEventListener(name, (event: MessageEvent<string>) => take(JSON.parse(event.data)));
  }
  on("run", showRun);
  on("history", (news: HistoryUpdate) => {
    if (news.replaces) rows = news.rows;
    else rows.push(...news.rows);
    updateSoon();
  });
  on("figure", (news: FigureUpdate) => void showFigure(news));
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
    // A training that has ended has nothing more to tell; else the browser tries again by itself.
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
