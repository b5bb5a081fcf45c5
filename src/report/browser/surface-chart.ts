// Surfaces in three dimensions.

import { baseLayout } from "./layout.js";
import { visibleTraces } from "./lines.js";
import { plain, wrapped } from "./plotly-text.js";
import {
  colourBar,
  decades,
  extent,
  heights,
  last,
  markEntries,
  pointerText,
  surfaceEntry,
} from "./surface-common.js";
import type {
  AxisData,
  DescribedChart,
  Entry,
  EntryKey,
  ReadMark,
  ReadSurface,
  Size,
  ThemeColours,
  Trace,
} from "./types.js";

type Rows = readonly Float64Array[];

export function hasWebGL(): boolean {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
  } catch {
    return false;
  }
}

export function surfaceChart(
  figure: ReadSurface,
  theme: ThemeColours,
  size: Size,
  hidden: ReadonlySet<EntryKey>,
): DescribedChart {
  const pointer = pointerText([
    [figure.x, "x"],
    [figure.y, "y"],
    [figure.z, "z"],
  ]);
  const rows = heights(figure);
  const isNarrow = size.width < 500;
  const isSmall = isNarrow || size.height < 360;
  const bar = { showscale: !isNarrow, colorbar: { ...colourBar(figure, theme, rows), len: 0.7 } };
  const entries = [
    surfaceEntry(figure, { ...surfaceTrace(figure, rows, pointer), ...bar }),
    ...(figure.cut ? [cutEntry(figure.cut, figure, theme)] : []),
    ...markEntries(figure, theme, (mark, colour) => markTraces(mark, colour, pointer)),
  ];
  const layout = {
    ...baseLayout(size, theme),
    margin: { l: 0, r: 0, t: 0, b: 0 },
    scene: {
      xaxis: sceneAxis(figure.x, theme, isSmall, [figure.xs.map((value) => Math.log10(value))]),
      yaxis: sceneAxis(figure.y, theme, isSmall, [figure.ys.map((value) => Math.log10(value))]),
      zaxis: sceneAxis(figure.z, theme, isSmall, rows),
      camera: { eye: eyeFor(isNarrow, isSmall), center: { x: 0, y: 0, z: -0.12 } },
      aspectmode: "manual",
      aspectratio: { x: 1, y: 1, z: 0.8 },
      dragmode: "orbit",
    },
  };
  return { entries, layout, data: visibleTraces(entries, hidden) };
}

/** The camera's position: farther away on a small chart, where labels would be cut off. */
function eyeFor(isNarrow: boolean, isSmall: boolean): { x: number; y: number; z: number } {
  if (isNarrow) return { x: 1.5, y: 1.5, z: 1.15 };
  return isSmall ? { x: 1.43, y: 1.31, z: 1.19 } : { x: 1.28, y: 1.17, z: 1.06 };
}

function surfaceTrace(figure: ReadSurface, rows: Rows, pointer: string): Trace {
  return {
    type: "surface",
    x: figure.xs,
    y: figure.ys,
    z: figure.zs,
    surfacecolor: rows,
    colorscale: "Cividis",
    opacity: figure.marks.length > 0 ? 0.85 : 1,
    contours: {
      z:
        figure.z.scale === "log"
          ? { highlight: true }
          : { show: true, usecolormap: true, project: { z: true } },
    },
    hovertemplate: `${pointer}<extra></extra>`,
  };
}

/** A mark's points; of a path also its line and, if its points are labelled, its end. */
function markTraces(mark: ReadMark, colour: string, pointer: string): Trace[] {
  const isPath = mark.role === "path";
  const { x, y, z } = mark;
  const labels = mark.labels?.map(plain);
  const common = {
    type: "scatter3d",
    name: plain(mark.name),
    hovertemplate: (labels ? "%{text}<br>" : "") + pointer,
  };
  const points = {
    ...common,
    ...(labels && { text: labels }),
    x,
    y,
    z,
    mode: isPath ? "lines+markers" : "markers",
    line: { width: 6, color: colour },
    marker: { size: isPath ? 2.5 : 4, color: colour },
  };
  if (!isPath || !labels) return [points];
  const end = {
    ...common,
    text: last(labels),
    x: last(x),
    y: last(y),
    z: last(z),
    mode: "markers",
    marker: { size: 7, color: colour, symbol: "diamond" },
  };
  return [points, end];
}

/** An upright, transparent plane above a line of the ground. */
function cutEntry(
  { name, x, y }: NonNullable<ReadSurface["cut"]>,
  figure: ReadSurface,
  theme: ThemeColours,
): Entry {
  const [low, high] = extent(figure.zs);
  return {
    name,
    swatch: { fill: theme.series[5]! },
    traces: [
      {
        type: "surface",
        x: [x, x],
        y: [y, y],
        z: [
          [low, low],
          [high, high],
        ],
        showscale: false,
        opacity: 0.35,
        surfacecolor: [
          [0, 0],
          [0, 0],
        ],
        colorscale: [
          [0, theme.series[5]],
          [1, theme.series[5]],
        ],
        contours: { x: { highlight: false }, y: { highlight: false }, z: { highlight: false } },
        hoverinfo: "skip",
      },
    ],
  };
}

/** An axis of the scene. On a small chart its title is its symbol; the legend and the map have the full one. */
function sceneAxis(
  described: AxisData,
  theme: ThemeColours,
  isSmall: boolean,
  rows: Rows,
): Record<string, unknown> {
  const labels = described.scale === "log" ? decades(extent(rows), isSmall ? 4 : 6) : undefined;
  return {
    title: {
      text: isSmall ? plain(described.symbol) : wrapped(described.title, 220),
      font: { size: 12 },
    },
    type: described.scale,
    ...(described.range && {
      range:
        described.scale === "log" ? described.range.map((end) => Math.log10(end)) : described.range,
    }),
    color: theme.ink,
    gridcolor: theme.rule,
    zeroline: false,
    showbackground: false,
    exponentformat: "power",
    tickfont: { size: 11, color: theme.muted },
    nticks: isSmall ? 4 : 6,
    ...(labels && {
      tickmode: "array",
      tickvals: labels.at.map((power) => 10 ** power),
      ticktext: labels.texts,
    }),
  };
}
