// Surfaces in three dimensions.

import { baseLayout } from "./layout.js";
import { visibleTraces } from "./lines.js";
import { plain, wrapped } from "./plotly-text.js";
import {
  colourBar,
  colourScale,
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
  Camera,
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

/** Plotly's names for the traces that a reader moves: the ball, and the place under the pointer of a linked chart. */
export const MOVED = { ball: "ball", pointer: "pointer" } as const;

/**
 * The ball, and the end of the pin that stands on it: two points, as Plotly's arrays. The pin is as high as the surface,
 * which may hide the ball.
 */
export function ballAt(
  figure: ReadSurface,
  frame: number | undefined,
): Record<"x" | "y" | "z", number[]> {
  const { ball } = figure;
  const at = frame ?? (ball?.x.length ?? 0) - 1;
  const rows = heights(figure);
  const lift = lifter(figure, rows, 0.05);
  const [, high] = extent(rows);
  const [x, y, z] = [ball?.x[at] ?? NaN, ball?.y[at] ?? NaN, lift(ball?.z[at] ?? NaN)];
  return {
    x: [x, x],
    y: [y, y],
    z: [z, Math.max(z, figure.z.scale === "log" ? 10 ** high : high)],
  };
}

/** Lifts marks a little, so that the surface between its grid lines does not cover them. */
function lifter({ z }: ReadSurface, rows: Rows, share = 0.02): (height: number) => number {
  const [low, high] = extent(rows);
  const by = share * (high - low);
  return z.scale === "log" ? (height) => height * 10 ** by : (height) => height + by;
}

function movedTraces(figure: ReadSurface, theme: ThemeColours, frame: number | undefined): Trace[] {
  const common = { type: "scatter3d", mode: "markers", hoverinfo: "skip", hovertemplate: null };
  const line = { color: "#ffffff", width: 2 };
  return [
    {
      ...common,
      ...ballAt(figure, frame),
      uid: MOVED.ball,
      mode: "lines+markers",
      line: { color: theme.ball, width: 3 },
      marker: { size: [8, 5], color: theme.ball, line },
    },
    {
      ...common,
      x: [NaN],
      y: [NaN],
      z: [NaN],
      uid: MOVED.pointer,
      marker: { size: 6, color: "#ffffff", line: { color: "#000000", width: 2 } },
    },
  ];
}

export function surfaceChart(
  figure: ReadSurface,
  theme: ThemeColours,
  size: Size,
  { hidden, frame }: { hidden: ReadonlySet<EntryKey>; frame: number | undefined },
): DescribedChart {
  const pointer = pointerText([
    [figure.x, "x"],
    [figure.y, "y"],
    [figure.z, "z"],
  ]);
  const rows = heights(figure);
  const isNarrow = size.width < 500;
  const isSmall = isNarrow || size.height < 360;
  // Beside a map, which has a bar of the same colours, it would be in the way.
  const bar = {
    showscale: size.width >= 560,
    colorbar: { ...colourBar(figure, theme, rows), len: 0.7 },
  };
  const lift = lifter(figure, rows);
  const entries = [
    surfaceEntry(figure, { ...surfaceTrace(figure, rows, pointer), ...bar }, !bar.showscale),
    ...(figure.cut ? [cutEntry(figure.cut, figure, theme)] : []),
    ...markEntries(figure, theme, (mark, colour) =>
      markTraces({ ...mark, z: mark.z.map(lift) }, colour, pointer, figure.ball === undefined),
    ),
  ];
  const layout = {
    ...baseLayout(size, theme),
    margin: { l: 0, r: 0, t: 0, b: 0 },
    scene: {
      xaxis: sceneAxis(figure.x, theme, isSmall, scaled(figure.x, figure.xs)),
      yaxis: sceneAxis(figure.y, theme, isSmall, scaled(figure.y, figure.ys)),
      zaxis: sceneAxis(figure.z, theme, isSmall, rows),
      camera: cameraFor(size),
      aspectmode: "manual",
      aspectratio: { x: 1, y: 1, z: 0.8 },
      dragmode: "orbit",
    },
  };
  const data = [...visibleTraces(entries, hidden), ...movedTraces(figure, theme, frame)];
  return { entries, layout, data };
}

/** The camera of a chart: farther away on a small one, where labels would be cut off. */
export function cameraFor({ width, height }: Size): Camera {
  const eye =
    width < 500
      ? { x: 1.5, y: 1.5, z: 1.05 }
      : height < 360
        ? { x: 1.3, y: 1.2, z: 1.0 }
        : { x: 1.16, y: 1.06, z: 0.86 };
  return { eye, center: { x: 0, y: 0, z: -0.14 } };
}

function surfaceTrace(figure: ReadSurface, rows: Rows, pointer: string): Trace {
  return {
    type: "surface",
    x: figure.xs,
    y: figure.ys,
    z: figure.zs,
    surfacecolor: rows,
    colorscale: colourScale,
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

/** A mark's points; of a path also its line and, if its points are labelled and no ball marks it, its end. */
function markTraces(mark: ReadMark, colour: string, pointer: string, hasEnd: boolean): Trace[] {
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
  if (!isPath || !labels || !hasEnd) return [points];
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

/** The values of an axis, of a logarithmic one as powers of ten. */
function scaled({ scale }: AxisData, values: Float64Array): Rows {
  return [scale === "log" ? values.map(Math.log10) : values];
}

/** An axis of the scene. On a small chart its title is its symbol; the legend and the map have the full one. */
function sceneAxis(
  described: AxisData,
  theme: ThemeColours,
  isSmall: boolean,
  rows: Rows,
): Record<string, unknown> {
  const isLog = described.scale === "log";
  const labels = isLog ? decades(extent(rows), isSmall ? 4 : 6) : undefined;
  const inside = isLog ? undefined : insideTicks(described.range ?? extent(rows));
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
    ...(inside && { tickmode: "array", tickvals: inside }),
  };
}

/** Round values away from the ends of an axis: at the corners of the scene labels of two axes would overlap. */
function insideTicks([low, high]: readonly [number, number]): number[] | undefined {
  const span = high - low;
  if (!(span > 0)) return undefined;
  const power = 10 ** Math.floor(Math.log10(span / 3));
  const step = power * ([1, 2, 5].findLast((one) => one * power <= span / 3) ?? 1);
  const first = Math.ceil((low + span / 12) / step);
  const count = Math.floor((high - span / 12) / step) - first + 1;
  return Array.from({ length: count }, (_, index) =>
    Number(((first + index) * step).toPrecision(9)),
  );
}
