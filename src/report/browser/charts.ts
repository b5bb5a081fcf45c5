// Draws the charts of a page, and draws them again when the theme or the width changes, when a reader zooms, and when
// a legend entry is pressed.

import { format, script } from "./language.js";
import { readTheme } from "./theme.js";
import { drawLegend } from "./legend.js";
import { isTouch } from "./layout.js";
import { hasMoreToShow, isCrowd, lineChart } from "./lines.js";
import { paint, strokesOf } from "./paint.js";
import { contourChart } from "./contour-chart.js";
import { surfaceChart } from "./surface-chart.js";
import type { PackedNumbers } from "../figures/packing.js";
import type { ReadNumbers } from "./unpack.js";
import { byId, within } from "./types.js";
import type { Chart, DescribedChart, ReadFigure, Size, ThemeColours } from "./types.js";

export const root = document.documentElement;
/** The size of a chart on paper, in pixels. */
export const printed = { width: 680, height: 320 };
/** Whether charts have the size of paper instead of the page's. */
let isPrinting = false;

export function setPrinting(is: boolean): void {
  isPrinting = is;
}

const config = {
  displaylogo: false,
  // On a touch screen it would always cover the chart.
  displayModeBar: isTouch() ? false : "hover",
  showSendToCloud: false,
  showEditInChartStudio: false,
  scrollZoom: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "tableRotation"],
  locale: format.code,
};

/** Plotly's own words in the page's language. */
export function setUpWords(): void {
  const words = { moduleType: "locale", name: format.code, dictionary: script.plotly };
  if ("Plotly" in globalThis) globalThis.Plotly.register(words);
}

export function addNote(chart: Chart, text: string): void {
  if (chart.noted) return;
  chart.noted = true;
  const caption = within(chart.figure, "figcaption");
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

function describe(
  chart: Chart,
  drawn: ReadFigure,
  { theme, size, isPainted }: { theme: ThemeColours; size: Size; isPainted: boolean },
): DescribedChart {
  const { hidden, view, chosen } = chart;
  if (drawn.kind === "lines") {
    return lineChart(drawn, theme, { size, hidden, view, chosen, frame: chart.frame, isPainted });
  }
  if (chart.isSurface) {
    return surfaceChart(drawn, theme, size, { hidden, frame: chart.frame });
  }
  return contourChart(drawn, theme, size, hidden);
}

/** Draws more points of a long series when a reader zooms in. */
function followZoom(chart: Chart, drawn: ReadFigure): void {
  if (drawn.kind !== "lines" || !hasMoreToShow(drawn)) return;
  chart.container.on("plotly_relayout", (change: Record<string, unknown>) => {
    const isLog = drawn.x.scale === "log";
    const ends = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    const [from, to] = ends.map((end) => (isLog ? 10 ** Number(end) : Number(end)));
    if (change["xaxis.autorange"] === true) chart.view = undefined;
    else if (ends.every(Number.isFinite)) chart.view = [from!, to!];
    else return;
    void draw(chart);
  });
}

/** Plotly's event for the points under the pointer. */
interface HoverEvent {
  points: { customdata?: unknown; data: { name: string } }[];
}

/** Paints the curves again whenever the axes move, and emphasises the curve under the pointer. */
function followAxes(chart: Chart): void {
  let isDue = false;
  const paintNext = (): void => {
    if (isDue || !chart.strokes) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      if (chart.strokes) paint(chart);
    });
  };
  chart.container.on("plotly_relayouting", paintNext);
  chart.container.on("plotly_relayouting", () => chart.onAxes?.());
  chart.container.on("plotly_afterplot", () => {
    if (chart.strokes) paint(chart);
    chart.onAxes?.();
  });
  const point = (name: string | undefined): void => {
    if (name === chart.pointed) return;
    chart.pointed = name;
    paintNext();
  };
  chart.container.on("plotly_hover", ({ points: [first] }: HoverEvent) => {
    if (first === undefined) return;
    point(typeof first.customdata === "string" ? first.customdata : first.data.name);
  });
  chart.container.on("plotly_unhover", () => point(undefined));
}

/**
 * The buttons above a chart. A painted chart is drawn, not painted, for a downloaded image. The configuration is
 * created once, since Plotly rebuilds a chart whose configuration changes.
 */
function configOf(chart: Chart, drawn: ReadFigure): object {
  if (drawn.kind !== "lines" || !isCrowd(drawn)) return config;
  return (chart.config ??= {
    ...config,
    modeBarButtonsToRemove: [...config.modeBarButtonsToRemove, "toImage"],
    modeBarButtonsToAdd: [
      {
        name: "image",
        title: script.downloadImage,
        icon: globalThis.Plotly.Icons.camera,
        click() {
          const size = { width: chart.container.clientWidth, height: chart.container.clientHeight };
          const { data, layout } = describe(chart, drawn, {
            theme: readTheme(),
            size,
            isPainted: false,
          });
          void globalThis.Plotly.downloadImage({ data, layout }, { format: "png", ...size });
        },
      },
    ],
  });
}

/** Lets a reader select any batch if only some are drawn. */
export function offerSpares(chart: Chart, drawn: ReadFigure, read: ReadNumbers): void {
  const select = chart.figure.querySelector<HTMLSelectElement>(".chosen-curve select");
  if (!select || drawn.kind !== "lines") return;
  const batches = drawn.series.filter((one) => one.role === "batch");
  select.append(...batches.map((one, index) => new Option(one.name, String(index))));
  select.addEventListener("change", () => {
    const one = batches[select.value === "" ? -1 : Number(select.value)];
    // The numbers of a spare are still packed.
    const packed = one as unknown as { x: PackedNumbers; y: PackedNumbers } | undefined;
    if (one?.isSpare && packed && "packed" in packed.x) {
      Object.assign(one, { x: read(packed.x), y: read(packed.y) });
    }
    chart.chosen = one;
    void draw(chart);
  });
}

/** Draws a chart. On paper and in images nothing is painted. */
export async function draw(chart: Chart): Promise<void> {
  const { drawn } = chart;
  if (drawn === undefined) return;
  const theme = readTheme();
  const width = chart.container.clientWidth;
  const size = {
    width: isPrinting ? Math.min(width, printed.width) : width,
    height: chart.container.clientHeight,
  };
  chart.width = size.width;
  const isDrawing = isPrinting || root.dataset["drawings"] === "true";
  const isPainted = !isDrawing && drawn.kind === "lines" && isCrowd(drawn);
  const { entries, layout, data } = describe(chart, drawn, { theme, size, isPainted });
  if (chart.strokes && !isPainted) chart.container.querySelector(".painted")?.remove();
  chart.strokes = isPainted ? strokesOf(entries) : undefined;
  const ownConfig = configOf(chart, drawn);
  if (chart.isDrawn) await globalThis.Plotly.react(chart.container, data, layout, ownConfig);
  else {
    chart.container.replaceChildren();
    await globalThis.Plotly.newPlot(chart.container, data, layout, ownConfig);
    chart.isDrawn = true;
    followZoom(chart, drawn);
    if (!chart.isSurface) followAxes(chart);
  }
  if (isPainted) paint(chart);
  chart.onAxes?.();
  drawLegend(chart, entries, theme, () => void draw(chart));
}

export function fail(chart: Chart, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const message = document.createElement("p");
  message.className = "chart-failed";
  message.setAttribute("role", "alert");
  message.textContent = script.failed(reason);
  chart.container.replaceChildren(message);
  chart.legend.replaceChildren();
  chart.figure.dataset["drawn"] = "false";
}

export async function redrawAll(charts: readonly Chart[]): Promise<void> {
  for (const chart of charts) {
    if (!chart.isDrawn) continue;
    try {
      await draw(chart);
    } catch (error) {
      fail(chart, error);
    }
  }
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function isDark(): boolean {
  return root.dataset["theme"] ? root.dataset["theme"] === "dark" : systemDark.matches;
}

export function setUpTheme(charts: readonly Chart[]): void {
  const button = byId("theme");
  const label = (): void => {
    const is = isDark();
    button.textContent = is ? script.light : script.dark;
    button.setAttribute("aria-label", is ? script.switchToLight : script.switchToDark);
  };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    label();
    void redrawAll(charts);
  });
  systemDark.addEventListener("change", () => {
    label();
    if (!root.dataset["theme"]) void redrawAll(charts);
  });
}

export function setUpResize(charts: readonly Chart[]): ResizeObserver {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (isPrinting) return;
      void redrawAll(charts.filter((chart) => chart.container.clientWidth !== chart.width));
    }, 80);
  });
  for (const chart of charts) observer.observe(chart.container);
  return observer;
}
