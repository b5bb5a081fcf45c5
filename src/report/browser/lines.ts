// Charts of lines and points.

import { seriesColour, symbols } from "./theme.js";
import { script } from "./language.js";
import { axis, baseLayout, dragMode, margins, positiveEnds } from "./layout.js";
import { paintedEntries } from "./paint.js";
import { plain } from "./plotly-text.js";
import { thinBand, thinPoints, pointsWithin } from "../figures/thin.js";
import type {
  Chart,
  DescribedChart,
  Entry,
  EntryKey,
  Marker,
  PlotNumbers,
  ReadLines,
  ReadSeries,
  Size,
  ThemeColours,
  Trace,
} from "./types.js";

/** The most points of a chart, and the most and the fewest points of a series. */
const drawnPoints = { chart: 60_000, most: 5000, least: 300 };

/** The order in which they cover each other. */
const layers = { bands: -2, mean: -1, curves: 0, lowest: 1 };

/** Plotly's name for the trace of the first series, which a scrubber moves. */
export const FIRST_SERIES = "first-series";

/** A gap is null or NaN. */
function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

/** The outline of a band, a closed loop for each interval without a gap. */
export function bandOutline(band: Record<"x" | "low" | "high", PlotNumbers>): {
  x: (number | null)[];
  y: (number | null)[];
} {
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  let from = 0;
  const close = (to: number): void => {
    for (let index = from; index < to; index++) {
      x.push(band.x[index]!);
      y.push(band.high[index]!);
    }
    for (let index = to - 1; index >= from; index--) {
      x.push(band.x[index]!);
      y.push(band.low[index]!);
    }
    x.push(null);
    y.push(null);
  };
  for (let index = 0; index <= band.x.length; index++) {
    if (index < band.x.length && isNumber(band.low[index]) && isNumber(band.high[index])) continue;
    if (index > from) close(index);
    from = index + 1;
  }
  return { x, y };
}

/** The series that are drawn. Spares are not, except the selected one. */
function drawnSeries(figure: ReadLines, chosen?: ReadSeries): ReadSeries[] {
  return figure.series.filter((one) => !one.isSpare || one === chosen);
}

/** The most points of a series if `count` series are drawn. */
function pointLimit(count: number): number {
  const share = Math.floor(drawnPoints.chart / Math.max(1, count));
  return Math.max(drawnPoints.least, Math.min(drawnPoints.most, share));
}

/** Whether zooming in can show more points. */
export function hasMoreToShow(figure: ReadLines): boolean {
  const drawn = drawnSeries(figure);
  return drawn.some((one) => one.x.length > pointLimit(drawn.length));
}

/** Whether there are too many curves for one trace each, so that they are painted, coloured along a ramp. */
export function isCrowd(figure: ReadLines): boolean {
  return figure.series.some((one) => one.role === "batch" && "ramp" in one.colour);
}

/** A series as it is drawn. Gaps are null or NaN. */
interface SeenSeries extends Omit<ReadSeries, "x" | "y"> {
  x: PlotNumbers;
  y: PlotNumbers;
  isChosen: boolean;
}

interface InView {
  bands: { name: string; x: PlotNumbers; low: PlotNumbers; high: PlotNumbers }[];
  series: SeenSeries[];
  isOneChosen: boolean;
}

interface LineOptions {
  size: Size;
  hidden: ReadonlySet<EntryKey>;
  /** The range of x, if a reader has zoomed in. */
  view?: Chart["view"];
  /** The series that a reader selected. */
  chosen?: ReadSeries;
  /** The scrubber's position. */
  frame?: number | undefined;
  /** Whether the series are painted on a canvas. Plotly then only uses them for the pointer. */
  isPainted: boolean;
}

/** The bands and series that are drawn, long ones thinned within the range that is shown. */
function inView(
  figure: ReadLines,
  { view, chosen, frame }: Pick<LineOptions, "view" | "chosen" | "frame">,
): InView {
  const drawn = drawnSeries(figure, chosen);
  const values = frame === undefined ? undefined : figure.frames?.[frame];
  if (values !== undefined) drawn[0] = { ...drawn[0]!, y: values };
  const limit = pointLimit(drawn.length);
  return {
    bands: figure.bands.map((band) => ({
      name: band.name,
      ...thinBand(band.x, band.low, band.high, drawnPoints.most),
    })),
    series: drawn.map((one): SeenSeries => {
      const isChosen = one === chosen;
      // Plotly does not process arrays again that are the same objects as before.
      if (one.x.length <= limit) return { ...one, isChosen };
      const part = pointsWithin(one.x, one.y, view);
      return { ...one, ...thinPoints(part.x, part.y, { limit }), isChosen };
    }),
    isOneChosen: chosen !== undefined,
  };
}

/** An entry for each band and series, in the order of the legend. */
function lineEntries(figure: InView, theme: ThemeColours): Entry[] {
  const entries: Entry[] = [];
  for (const band of figure.bands) {
    entries.push({
      name: band.name,
      swatch: { fill: theme.band },
      traces: [
        {
          ...bandOutline(band),
          fill: "toself",
          fillcolor: theme.band,
          mode: "lines",
          line: { width: 0 },
          zorder: layers.bands,
          hoverinfo: "skip",
        },
        {
          // Invisible: shows the band's edges under the pointer.
          x: band.x,
          y: band.high,
          customdata: band.low,
          name: plain(band.name),
          mode: "lines",
          line: { width: 0, color: theme.muted },
          hovertemplate: "%{customdata:.8~g} … %{y:.8~g}",
        },
      ],
    });
  }
  const order = { cloud: 0, batch: 1, line: 2, reference: 3, mean: 4, points: 5, ticks: 6 };
  const series = figure.series.map((one, index) => ({ ...one, index }));
  series.sort((a, b) => order[a.role] - order[b.role] || a.index - b.index);
  const isCrowded = series.some((one) => "ramp" in one.colour);
  for (const one of series) {
    const entry = lineEntry(one, theme, isCrowded);
    // A curve that is singled out stands before the others.
    if (figure.isOneChosen && one.role === "batch" && !one.isChosen) {
      for (const trace of entry.traces) trace["opacity"] = 0.25;
    }
    if (one.index === 0) entry.traces[0]!["uid"] = FIRST_SERIES;
    entries.push(entry);
  }
  return entries;
}

/**
 * A series and its lowest point. A few curves are drawn above the thick mean, which would hide them where they agree
 * with it; of many curves the mean is on top. Lowest points that coincide show as rings.
 */
function lineEntry(series: SeenSeries, theme: ThemeColours, isCrowded: boolean): Entry {
  const colour = series.isChosen ? theme.series[1]! : seriesColour(series, theme);
  const symbol = symbols["palette" in series.colour ? series.colour.palette % symbols.length : 0]!;
  const finite = Array.from<number | null>(series.y).filter(isNumber).length;
  // A line needs two points to be visible.
  const isMarkers = MARKERS.has(series.role);
  const hasMarkers = isMarkers || finite < 2;
  const width = series.isChosen ? 3 : lineWidth(series.role, isCrowded);
  const dash = series.role === "reference" ? "dash" : "solid";
  const marker = markerOf(series.role, symbol, colour, theme);
  const trace: Trace = {
    x: series.x,
    y: series.y,
    name: plain(series.name),
    mode: isMarkers ? "markers" : hasMarkers ? "lines+markers" : "lines",
    line: { color: colour, width, dash },
    marker,
    connectgaps: false,
    zorder: layerOf(series, isCrowded),
    hovertemplate: "%{y:.8~g}",
  };
  return {
    name: series.name,
    isFolded: series.role === "batch" && "ramp" in series.colour && !series.isChosen,
    swatch: {
      stroke: isMarkers ? undefined : colour,
      width,
      dash,
      symbol: hasMarkers || series.lowest ? symbol : undefined,
      colour,
    },
    traces: series.lowest ? [trace, lowestTrace(series, series.lowest, marker)] : [trace],
  };
}

/** Roles without a line. */
const MARKERS: ReadonlySet<ReadSeries["role"]> = new Set(["points", "cloud", "ticks"]);

function markerOf(
  role: ReadSeries["role"],
  symbol: string,
  colour: string,
  theme: ThemeColours,
): Marker {
  const color = colour;
  if (role === "ticks") return { symbol: "line-ns", size: 7, color, line: { width: 1, color } };
  // Where points are dense, the colour is.
  if (role === "cloud") return { symbol: "circle", size: 5, color, opacity: 0.4, line: NO_LINE };
  return { symbol, size: 8, color, line: { width: 1, color: theme.paper } };
}

const NO_LINE = { width: 0, color: "transparent" };

function layerOf({ isChosen, role }: SeenSeries, isCrowded: boolean): number {
  if (isChosen) return layers.lowest;
  return role === "mean" && !isCrowded ? layers.mean : layers.curves;
}

function lowestTrace(
  { name, colour }: SeenSeries,
  { x, y }: { x: number; y: number },
  marker: Marker,
): Trace {
  const size = "palette" in colour ? 16 - 2 * (colour.palette % symbols.length) : 7;
  return {
    x: [x],
    y: [y],
    name: plain(script.lowestOf(name)),
    mode: "markers",
    marker: { ...marker, size },
    cliponaxis: false,
    zorder: layers.lowest,
    hovertemplate: "%{y:.8~g}",
  };
}

function lineWidth(role: ReadSeries["role"], isCrowded: boolean): number {
  if (role === "mean") return isCrowded ? 3 : 5;
  if (role === "reference") return 1.5;
  if (role === "batch") return isCrowded ? 1 : 1.4;
  return 1.8;
}

/** A marked range of the horizontal axis, over the full height. */
function spanShape(
  { from, to }: NonNullable<ReadLines["span"]>,
  theme: ThemeColours,
): Record<string, unknown> {
  const line = { color: theme.series[1], width: 1.5 };
  const across = { type: "rect", xref: "x", x0: from, x1: to };
  return { ...across, yref: "paper", y0: 0, y1: 1, fillcolor: theme.band, line, layer: "below" };
}

/** The first kind of shaded range has the colour of warnings, the others that of bands. */
function shadeColour(index: number, theme: ThemeColours): string {
  return index === 0 ? `${theme.series[1]}40` : theme.band;
}

/** A shaded range. Its edge makes a narrow one visible. */
function shadeShape([x0, x1]: [number, number], colour: string): Record<string, unknown> {
  const across = { type: "rect", xref: "x", x0, x1, yref: "paper", y0: 0, y1: 1 };
  return { ...across, fillcolor: colour, line: { color: colour, width: 1 }, layer: "below" };
}

/**
 * The traces and the layout of a chart of lines. All series have one box under the pointer, unless there are too many.
 */
export function lineChart(
  figure: ReadLines,
  theme: ThemeColours,
  options: LineOptions,
): DescribedChart {
  const { size, hidden, isPainted } = options;
  const seen = inView(figure, options);
  let entries = lineEntries(seen, theme);
  const isCrowded = entries.length > 10;
  const isCloud = figure.series.some(({ role }) => role === "cloud");
  if (isPainted) entries = paintedEntries(entries);
  const isSmall = size.height < 240;
  const xaxis = axis(
    figure.x,
    theme,
    isSmall ? 0 : size.width - 70,
    positiveEnds(seen.series.map(({ x }) => x)),
  );
  const unifiedhovertitle = { text: `${plain(figure.x.symbol)} = %{x:.8~g}` };
  const layout: Record<string, unknown> = {
    ...baseLayout(size, theme),
    margin: margins(),
    xaxis: { ...xaxis, unifiedhovertitle },
    yaxis: axis(figure.y, theme, size.height - 80, positiveEnds(seen.series.map(({ y }) => y))),
    hoverdistance: 40,
    // A probed chart has a readout of its own.
    hovermode: isCrowded || isCloud ? "closest" : figure.probe ? false : "x unified",
    dragmode: dragMode(),
  };
  if (isCrowded || isCloud) {
    const start = `${plain(figure.x.symbol)} = %{x:.8~g}<br>${plain(figure.y.symbol)} = `;
    for (const trace of entries.flatMap((entry) => entry.traces)) {
      if (trace.hovertemplate) trace.hovertemplate = start + trace.hovertemplate;
    }
  }
  const shapes: Record<string, unknown>[] = [];
  layout["shapes"] = shapes;
  for (const [index, { name, ranges }] of (figure.shades ?? []).entries()) {
    const fill = shadeColour(index, theme);
    shapes.push(...ranges.map((range) => shadeShape(range, fill)));
    entries.push({ name, isFixed: true, swatch: { fill }, traces: [] });
  }
  if (figure.span) {
    shapes.push(spanShape(figure.span, theme));
    const swatch = { fill: theme.band, stroke: theme.series[1]!, width: 1.5 };
    entries.push({ name: figure.span.name, isFixed: true, swatch, traces: [] });
  }
  return { entries, layout, data: visibleTraces(entries, hidden, "scatter") };
}

/** The traces of all entries; those of hidden entries are invisible. */
export function visibleTraces(
  entries: readonly Entry[],
  hidden: ReadonlySet<EntryKey>,
  type?: string,
): Trace[] {
  return entries.flatMap((entry, index) =>
    entry.traces.map((trace) => ({
      type,
      ...trace,
      visible: !hidden.has(entry.isFolded ? "folded" : index),
    })),
  );
}
