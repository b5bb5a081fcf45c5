// The layout that all charts share.

import { format } from "./language.js";
import { plain, wrapped } from "./plotly-text.js";
import type { AxisData, PlotNumbers, Size, ThemeColours } from "./types.js";

type Ends = readonly [number, number];
type Layout = Record<string, unknown>;

/** The smallest and the largest positive number of some arrays, for a logarithmic axis. */
export function positiveEnds(arrays: readonly PlotNumbers[]): [number, number] {
  let [low, high] = [Infinity, 0];
  for (const values of arrays) {
    for (const value of values) {
      if (value === null || !(value > 0 && value < Infinity)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

/** On a shorter axis, in pixels, the title is the symbol; the heading of the figure says the rest. */
const shortest = 180;

/** Outside this range a logarithmic axis is labelled with powers of ten instead of digits. */
const plainNumbers = { least: 1e-6, most: 1e12 };

/** Whether a logarithmic axis between these ends is labelled with powers of ten. */
export function isVast([low, high]: Ends): boolean {
  return low < plainNumbers.least || high > plainNumbers.most;
}

/**
 * The labels of a logarithmic axis. By default Plotly labels it with single digits between the powers of ten; on a
 * short axis they overlap.
 */
function logLabels([low, high]: Ends, isShort: boolean): Layout {
  const decades = Math.log10(high / low);
  // On a short axis powers of ten alone, at most four.
  if (isShort && decades > 1.5 && Number.isFinite(decades)) {
    return {
      ...(!isVast([low, high]) && { tickformat: ",.12~g" }),
      tickmode: "linear",
      tick0: 0,
      dtick: Math.ceil(decades / 4),
    };
  }
  return {
    ...(!isVast([low, high]) && { tickformat: ",.12~g" }),
    nticks: high < 40 * low ? 3 : 5,
  };
}

/**
 * An axis of a chart in two dimensions.
 *
 * @param pixels its length, into which the title is broken
 * @param ends the smallest and the largest positive value, for the labels of a logarithmic axis
 */
export function axis(described: AxisData, theme: ThemeColours, pixels: number, ends: Ends): Layout {
  const range = described.range;
  const isShort = pixels < shortest;
  const text = isShort ? plain(described.symbol) : wrapped(described.title, pixels);
  return {
    title: { text, standoff: isShort ? 6 : 12, font: { size: 13 } },
    ...(isShort && { nticks: 5, tickangle: 0 }),
    type: described.scale,
    ...(range && { range: described.scale === "log" ? range.map(Math.log10) : range }),
    automargin: true,
    gridcolor: theme.rule,
    linecolor: theme.muted,
    showline: true,
    zeroline: false,
    ticks: "outside",
    ticklen: 4,
    tickcolor: theme.muted,
    tickfont: { color: theme.muted },
    exponentformat: "power",
    minexponent: 6,
    separatethousands: true,
    ...(described.scale === "log" && logLabels(range ?? ends, isShort)),
    hoverformat: ".8~g",
  };
}

/** The layout of all charts, in two or three dimensions. */
export function baseLayout(size: Size, theme: ThemeColours): Layout {
  return {
    width: size.width,
    height: size.height,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, size: 12, color: theme.ink },
    showlegend: false,
    // Before decimals and between thousands, as in the tables.
    separators: format.separators.decimal + format.separators.thousands,
    // Keeps the zoom when the colours change.
    uirevision: "same",
    modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.muted, activecolor: theme.ink },
    hoverlabel: {
      bgcolor: theme.raised,
      bordercolor: theme.rule,
      font: { family: theme.font, size: 12, color: theme.ink },
      namelength: 28,
    },
  };
}

export function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** On a touch screen a finger on a chart scrolls the page instead of zooming. */
export function dragMode(): false | "zoom" {
  return isTouch() ? false : "zoom";
}

/** Margins with room for the buttons above the chart, if it has any. The axes add their own. */
export function margins(): Layout {
  return { l: 8, r: 14, t: isTouch() ? 12 : 28, b: 8, pad: 0 };
}
