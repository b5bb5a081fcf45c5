// Surfaces, in three dimensions or from above.

import { symbols } from "./colours.js";
import { axis, baseLayout, dragMode, isVast, margins, positiveEnds } from "./layout.js";
import { visibleTraces } from "./lines.js";
import { powerOfTen } from "../../common/text/numbers.js";
import { plain, wrapped } from "./plotly-text.js";
import type {
  Axis,
  DescribedChart,
  Entry,
  EntryKey,
  ReadMark,
  ReadSurface,
  Size,
  Theme,
  Trace,
} from "./types.js";

type Rows = readonly Float64Array[];

const scaleColours = ["#00224e", "#7c7b78", "#fee838"];

export function hasWebGL(): boolean {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
  } catch {
    return false;
  }
}

/** The logarithm where the axis is logarithmic, since colours and contour lines know only lengths. */
function heights(figure: ReadSurface): Float64Array[] {
  return figure.z.scale === "log"
    ? figure.zs.map((row) => row.map((value) => Math.log10(value)))
    : figure.zs;
}

/** The ends of the finite heights. */
function extent(rows: Rows): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const value of row) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

/** Logarithmic labels, at the most about so many: powers of ten, and between them where there are few. */
function decades(
  [low, high]: readonly [number, number],
  most: number,
): { at: number[]; texts: string[] } {
  const every = Math.max(1, Math.ceil((high - low) / most));
  const steps = high - low < most / 4 ? [1, 2, 5] : high - low < most / 2 ? [1, 3] : [1];
  const label = isVast([10 ** low, 10 ** high])
    ? (step: number, power: number) =>
        step === 1 ? powerOfTen(power) : `${step}×${powerOfTen(power)}`
    : (step: number, power: number) => String(Number((step * 10 ** power).toPrecision(1)));
  const labels: { at: number; text: string }[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    if (power % every !== 0) continue;
    for (const step of steps) {
      const at = power + Math.log10(step);
      if (at >= low && at <= high) labels.push({ at, text: label(step, power) });
    }
  }
  return { at: labels.map(({ at }) => at), texts: labels.map(({ text }) => text) };
}

/** The labels of a bar of logarithmic colours. */
function barLabels(rows: Rows): Record<string, unknown> {
  const { at, texts } = decades(extent(rows), 6);
  return { tickmode: "array", tickvals: at, ticktext: texts };
}

function colourBar(figure: ReadSurface, theme: Theme, rows: Rows): Record<string, unknown> {
  return {
    outlinewidth: 0,
    thickness: 12,
    exponentformat: "power",
    tickfont: { color: theme.muted, size: 11 },
    title: { text: plain(figure.z.symbol), font: { size: 12 } },
    ...(figure.z.scale === "log" && barLabels(rows)),
  };
}

/** The text under the pointer: a line an axis, `α = 0.5`. */
function pointerText(axes: readonly (readonly [Axis, string])[]): string {
  return axes
    .map(([described, value]) => `${plain(described.symbol)} = %{${value}:.8~g}`)
    .join("<br>");
}

function markEntries(
  figure: ReadSurface,
  theme: Theme,
  shape: (mark: ReadMark, colour: string, isPath: boolean) => Trace[],
): Entry[] {
  return figure.marks.map((mark, index) => {
    const isPath = mark.role === "path";
    const colour = theme.series[(index + 1) % theme.series.length]!;
    return {
      name: mark.name,
      swatch: {
        ...(isPath && { stroke: colour, width: 2.5 }),
        symbol: symbols[0],
        colour,
      },
      traces: shape(mark, colour, isPath),
    };
  });
}

/** The last point of a path, which is where the training ended. */
function last<Value>(values: { at(index: number): Value | undefined }): (Value | undefined)[] {
  return [values.at(-1)];
}

/** An upright, see-through plane above a line of the ground. */
function cutEntry(
  { name, x, y }: NonNullable<ReadSurface["cut"]>,
  figure: ReadSurface,
  theme: Theme,
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

/** Where room is short an axis is named by its symbol: the legend and the map tell the rest. */
function sceneAxis(
  described: Axis,
  theme: Theme,
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

export function surfaceChart(
  figure: ReadSurface,
  theme: Theme,
  size: Size,
  hidden: ReadonlySet<EntryKey>,
): DescribedChart {
  const where = pointerText([
    [figure.x, "x"],
    [figure.y, "y"],
    [figure.z, "z"],
  ]);
  const rows = heights(figure);
  const isNarrow = size.width < 500;
  const isSmall = isNarrow || size.height < 360;
  const entries = [
    {
      name: figure.z.title,
      isFixed: true,
      swatch: { gradient: scaleColours },
      traces: [
        {
          type: "surface",
          x: figure.xs,
          y: figure.ys,
          z: figure.zs,
          surfacecolor: rows,
          colorscale: "Cividis",
          showscale: !isNarrow,
          colorbar: { ...colourBar(figure, theme, rows), len: 0.7 },
          opacity: figure.marks.length > 0 ? 0.85 : 1,
          contours: {
            z:
              figure.z.scale === "log"
                ? { highlight: true }
                : { show: true, usecolormap: true, project: { z: true } },
          },
          hovertemplate: `${where}<extra></extra>`,
        },
      ],
    },
    ...(figure.cut ? [cutEntry(figure.cut, figure, theme)] : []),
    ...markEntries(figure, theme, (mark, colour, isPath) => {
      const label = mark.labels ? "%{text}<br>" : "";
      const trace = {
        type: "scatter3d",
        name: plain(mark.name),
        ...(mark.labels && { text: mark.labels.map(plain) }),
        hovertemplate: label + where,
      };
      const { x, y, z } = mark;
      return [
        {
          ...trace,
          x,
          y,
          z,
          mode: isPath ? "lines+markers" : "markers",
          line: { width: 6, color: colour },
          marker: { size: isPath ? 2.5 : 4, color: colour },
        },
        ...(isPath && mark.labels
          ? [
              {
                ...trace,
                text: last(mark.labels.map(plain)),
                x: last(x),
                y: last(y),
                z: last(z),
                mode: "markers",
                marker: { size: 7, color: colour, symbol: "diamond" },
              },
            ]
          : []),
      ];
    }),
  ];
  // Where room is short the camera is further away, or labels are cut off.
  const wide = isSmall ? { x: 1.43, y: 1.31, z: 1.19 } : { x: 1.28, y: 1.17, z: 1.06 };
  const eye = isNarrow ? { x: 1.5, y: 1.5, z: 1.15 } : wide;
  const layout = {
    ...baseLayout(size, theme),
    margin: { l: 0, r: 0, t: 0, b: 0 },
    scene: {
      xaxis: sceneAxis(figure.x, theme, isSmall, [figure.xs.map((value) => Math.log10(value))]),
      yaxis: sceneAxis(figure.y, theme, isSmall, [figure.ys.map((value) => Math.log10(value))]),
      zaxis: sceneAxis(figure.z, theme, isSmall, rows),
      camera: { eye, center: { x: 0, y: 0, z: -0.12 } },
      aspectmode: "manual",
      aspectratio: { x: 1, y: 1, z: 0.8 },
      dragmode: "orbit",
    },
  };
  return { entries, layout, data: visibleTraces(entries, hidden) };
}

export function contourChart(
  figure: ReadSurface,
  theme: Theme,
  size: Size,
  hidden: ReadonlySet<EntryKey>,
): DescribedChart {
  const rows = heights(figure);
  const place = pointerText([
    [figure.x, "x"],
    [figure.y, "y"],
  ]);
  const entries = [
    {
      name: figure.z.title,
      isFixed: true,
      swatch: { gradient: scaleColours },
      traces: [
        {
          type: "contour",
          x: figure.xs,
          y: figure.ys,
          z: rows,
          customdata: figure.zs.map((row) => Array.from(row)),
          colorscale: "Cividis",
          ncontours: 20,
          contours: { coloring: "heatmap" },
          line: { width: 0.6, color: "rgba(255,255,255,0.6)" },
          colorbar: colourBar(figure, theme, rows),
          hovertemplate: `${place}<br>${plain(figure.z.symbol)} = %{customdata:.8~g}<extra></extra>`,
        },
      ],
    },
    ...markEntries(figure, theme, (mark, colour, isPath) => {
      const label = mark.labels ? "%{text}<br>" : "";
      const trace = {
        type: "scatter",
        name: plain(mark.name),
        customdata: mark.z,
        ...(mark.labels && { text: mark.labels.map(plain) }),
        hovertemplate: `${label}${place}<br>${plain(figure.z.symbol)} = %{customdata:.8~g}`,
      };
      const { x, y } = mark;
      const edge = { width: 1, color: "#ffffff" };
      if (!isPath) {
        return [
          { ...trace, x, y, mode: "markers", marker: { size: 7, color: colour, line: edge } },
        ];
      }
      return [
        // A white edge keeps the path apart from dark and bright ground alike.
        {
          ...trace,
          x,
          y,
          mode: "lines",
          line: { color: "#ffffff", width: 5 },
          hoverinfo: "skip",
          hovertemplate: null,
        },
        {
          ...trace,
          x,
          y,
          mode: "lines+markers",
          line: { color: colour, width: 2.5 },
          marker: { size: 5, color: colour },
        },
        {
          ...trace,
          ...(mark.labels && { text: last(mark.labels.map(plain)) }),
          customdata: last(mark.z),
          x: last(x),
          y: last(y),
          mode: "markers",
          marker: { size: 13, color: colour, symbol: "star", line: edge },
        },
      ];
    }),
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
