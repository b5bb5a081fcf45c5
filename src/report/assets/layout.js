// What all charts look alike in.

import { wrapped } from "./text.js";

/** An axis of a flat chart; its title is broken to fit so many pixels. */
export function axis(described, theme, pixels) {
  const range = described.range;
  return {
    title: { text: wrapped(described.title, pixels), standoff: 12, font: { size: 13 } },
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
    // Between its decades a logarithmic axis would be labelled with bare digits, and too many.
    ...(described.scale === "log" && { tickformat: ",.12~g", nticks: 5 }),
    hoverformat: ".8~g",
  };
}

/** What every chart has, flat or not. */
export function baseLayout(size, theme) {
  return {
    width: size.width,
    height: size.height,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, size: 12, color: theme.ink },
    showlegend: false,
    // As in the tables: a point before decimals, a narrow space between thousands.
    separators: ".\u202f",
    // Keeps the zoom where it was when the colours change.
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

export function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}

/** On a touch screen a finger on a chart scrolls the page. */
export function dragMode() {
  return isTouch() ? false : "zoom";
}

/** Margins that leave room for the tools above the chart where there are any; the axes add their own. */
export function margins() {
  return { l: 8, r: 14, t: isTouch() ? 12 : 28, b: 8, pad: 0 };
}
