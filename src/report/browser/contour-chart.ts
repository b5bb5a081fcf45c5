// Surfaces from above, as maps with contour lines.

import { axis, baseLayout, dragMode, margins, positiveEnds } from "./layout.js";
import { visibleTraces } from "./lines.js";
import { plain } from "./plotly-text.js";
import {
  colourBar,
  colourScale,
  heights,
  last,
  markEntries,
  pointerText,
  surfaceEntry,
} from "./surface-common.js";
import type {
  DescribedChart,
  EntryKey,
  ReadMark,
  ReadSurface,
  Size,
  ThemeColours,
  Trace,
} from "./types.js";

export function contourChart(
  figure: ReadSurface,
  theme: ThemeColours,
  size: Size,
  hidden: ReadonlySet<EntryKey>,
): DescribedChart {
  const position = pointerText([
    [figure.x, "x"],
    [figure.y, "y"],
  ]);
  const pointer = `${position}<br>${plain(figure.z.symbol)} = %{customdata:.8~g}`;
  const rows = heights(figure);
  const surface = {
    type: "contour",
    x: figure.xs,
    y: figure.ys,
    z: rows,
    customdata: figure.zs.map((row) => Array.from(row)),
    colorscale: colourScale,
    ncontours: 15,
    contours: { coloring: "heatmap" },
    line: { width: 0.6, color: "rgba(255,255,255,0.6)" },
    colorbar: colourBar(figure, theme, rows),
    hovertemplate: `${pointer}<extra></extra>`,
  };
  const entries = [
    surfaceEntry(figure, surface, false),
    ...markEntries(figure, theme, (mark, colour) =>
      markTraces(mark, colour, pointer, figure.ball === undefined),
    ),
  ];
  const layout = {
    ...baseLayout(size, theme),
    margin: margins(),
    xaxis: axis(figure.x, theme, size.width - 120, positiveEnds([figure.xs])),
    yaxis: axis(figure.y, theme, size.height - 80, positiveEnds([figure.ys])),
    hovermode: "closest",
    dragmode: dragMode(),
  };
  return { entries, layout, data: visibleTraces(entries, hidden) };
}

/** A mark's points, or a path's line, with its end where no ball marks it. */
function markTraces(mark: ReadMark, colour: string, pointer: string, hasEnd: boolean): Trace[] {
  const { x, y } = mark;
  const labels = mark.labels?.map(plain);
  const edge = { width: 1, color: "#ffffff" };
  const trace = {
    type: "scatter",
    name: plain(mark.name),
    customdata: mark.z,
    ...(labels && { text: labels }),
    hovertemplate: (labels ? "%{text}<br>" : "") + pointer,
  };
  if (mark.role !== "path")
    return [{ ...trace, x, y, mode: "markers", marker: { size: 7, color: colour, line: edge } }];
  // A white edge sets the path off from dark and bright ground.
  const outline = {
    ...trace,
    x,
    y,
    mode: "lines",
    line: { color: "#ffffff", width: 5 },
    hoverinfo: "skip",
    hovertemplate: null,
  };
  const path = {
    ...trace,
    x,
    y,
    mode: labels ? "lines+markers" : "lines",
    line: { color: colour, width: 2.5 },
    marker: { size: 4, color: colour },
  };
  const end = {
    ...trace,
    ...(labels && { text: last(labels) }),
    customdata: last(mark.z),
    x: last(x),
    y: last(y),
    mode: "markers",
    marker: { size: 13, color: colour, symbol: "star", line: edge },
  };
  return hasEnd && labels ? [outline, path, end] : [outline, path];
}
