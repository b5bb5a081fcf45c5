// Charts of lines and points.

import { seriesColour, symbols } from "./colours.js";
import { axis, baseLayout, dragMode, margins } from "./layout.js";
import { plain } from "./text.js";
import { thinBand, thinPoints, within } from "./thin.js";

/** Points that a chart is drawn with at once, and a series at the most and at the least. */
const drawnPoints = { chart: 60_000, most: 5000, least: 300 };

/** What lies on what. */
const layers = { bands: -2, mean: -1, curves: 0, lowest: 1 };

/** The closed outline of a band, one loop for each stretch without a gap. */
export function bandOutline(band) {
  const x = [];
  const y = [];
  let from = 0;
  const close = (to) => {
    for (let index = from; index < to; index++) {
      x.push(band.x[index]);
      y.push(band.high[index]);
    }
    for (let index = to - 1; index >= from; index--) {
      x.push(band.x[index]);
      y.push(band.low[index]);
    }
    x.push(null);
    y.push(null);
  };
  for (let index = 0; index <= band.x.length; index++) {
    if (index < band.x.length && band.low[index] !== null && band.high[index] !== null) continue;
    if (index > from) close(index);
    from = index + 1;
  }
  return { x, y };
}

/** What of a figure is to be seen: the series that are drawn, thinned to the range that is shown. */
function inView(figure, view, chosen) {
  const drawn = figure.series.filter((one) => !one.isSpare || one === chosen);
  const share = Math.floor(drawnPoints.chart / Math.max(1, drawn.length));
  const limit = Math.max(drawnPoints.least, Math.min(drawnPoints.most, share));
  return {
    bands: figure.bands.map((band) => ({
      name: band.name,
      ...thinBand(band.x, band.low, band.high, drawnPoints.most),
    })),
    series: drawn.map((one) => {
      const part = within(one.x, one.y, view);
      return { ...one, ...thinPoints(part.x, part.y, { limit }), isChosen: one === chosen };
    }),
  };
}

/** One entry a series or band, in the order of the legend; the traces of an entry appear and vanish together. */
function lineEntries(figure, theme) {
  const entries = [];
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
          // Not seen: tells the band's edges under the pointer.
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
  const order = { batch: 0, line: 1, reference: 2, mean: 3, points: 4 };
  const series = figure.series.map((one, index) => ({ ...one, index }));
  series.sort((a, b) => order[a.role] - order[b.role] || a.index - b.index);
  const isCrowded = series.some((one) => "ramp" in one.colour);
  for (const one of series) entries.push(lineEntry(one, theme, isCrowded));
  return entries;
}

/**
 * A series, and its lowest point. A few curves lie on the thick mean, which would hide them where
 * they agree with it; many curves would hide the mean. Lowest points that coincide show as rings.
 */
function lineEntry(series, theme, isCrowded) {
  const colour = series.isChosen ? theme.series[1] : seriesColour(series, theme);
  const symbol = symbols["palette" in series.colour ? series.colour.palette % symbols.length : 0];
  const finite = series.y.filter((value) => value !== null).length;
  // A line needs two points to be seen.
  const hasMarkers = series.role === "points" || finite < 2;
  const width = series.isChosen
    ? 3
    : ({ mean: isCrowded ? 3 : 5, reference: 1.5, batch: isCrowded ? 1 : 1.4 }[series.role] ?? 1.8);
  const dash = series.role === "reference" ? "dash" : "solid";
  const marker = { symbol, size: 8, color: colour, line: { width: 1, color: theme.paper } };
  const traces = [
    {
      x: series.x,
      y: series.y,
      name: plain(series.name),
      mode: series.role === "points" ? "markers" : hasMarkers ? "lines+markers" : "lines",
      line: { color: colour, width, dash },
      marker,
      connectgaps: false,
      zorder: series.isChosen
        ? layers.lowest
        : series.role === "mean" && !isCrowded
          ? layers.mean
          : layers.curves,
      hovertemplate: "%{y:.8~g}",
    },
  ];
  if (series.lowest) {
    traces.push({
      x: [series.lowest.x],
      y: [series.lowest.y],
      name: plain(`${series.name}: lowest`),
      mode: "markers",
      marker: {
        ...marker,
        size: "palette" in series.colour ? 16 - 2 * (series.colour.palette % symbols.length) : 7,
      },
      cliponaxis: false,
      zorder: layers.lowest,
      hovertemplate: "%{y:.8~g}",
    });
  }
  return {
    name: series.name,
    isFolded: series.role === "batch" && "ramp" in series.colour && !series.isChosen,
    swatch: {
      stroke: series.role === "points" ? undefined : colour,
      width,
      dash,
      symbol: hasMarkers || series.lowest ? symbol : undefined,
      colour,
    },
    traces,
  };
}

/**
 * The traces and the layout of a chart of lines; unified hover as long as its box fits.
 *
 * `view` is the range of x that is shown, where it is not all; `chosen` the series that is brought out.
 */
export function lineChart(figure, theme, { size, hidden, view, chosen }) {
  const entries = lineEntries(inView(figure, view, chosen), theme);
  const isCrowded = entries.length > 10;
  const layout = {
    ...baseLayout(size, theme),
    margin: margins(),
    xaxis: axis(figure.x, theme, size.width - 70),
    yaxis: axis(figure.y, theme, size.height - 80),
    hoverdistance: 40,
    hovermode: isCrowded ? "closest" : "x unified",
    dragmode: dragMode(),
  };
  layout.xaxis.unifiedhovertitle = { text: `${plain(figure.x.symbol)} = %{x:.8~g}` };
  if (isCrowded) {
    const where = `${plain(figure.x.symbol)} = %{x:.8~g}<br>${plain(figure.y.symbol)} = %{y:.8~g}`;
    for (const trace of entries.flatMap((entry) => entry.traces)) {
      if (trace.hovertemplate) trace.hovertemplate = where;
    }
  }
  return { entries, layout, data: visibleTraces(entries, hidden, "scatter") };
}

/** All traces of the entries, those of hidden ones invisible. */
export function visibleTraces(entries, hidden, type) {
  return entries.flatMap((entry, index) =>
    entry.traces.map((trace) => ({
      type,
      ...trace,
      visible: !hidden.has(entry.isFolded ? "folded" : index),
    })),
  );
}
