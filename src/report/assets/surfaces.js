// Surfaces, in three dimensions or from above.

import { symbols } from "./colours.js";
import { axis, baseLayout, dragMode, margins } from "./layout.js";
import { visibleTraces } from "./lines.js";
import { plain, wrapped } from "./text.js";

export function hasWebGL() {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
  } catch {
    return false;
  }
}

function markEntries(figure, theme, shape) {
  return figure.marks.map((mark, index) => ({
    name: mark.name,
    swatch: { symbol: symbols[0], colour: theme.series[(index + 1) % theme.series.length] },
    traces: [shape(mark, theme.series[(index + 1) % theme.series.length])],
  }));
}

export function surfaceChart(figure, theme, size, hidden) {
  const where = [
    [figure.x, "x"],
    [figure.y, "y"],
    [figure.z, "z"],
  ]
    .map(([described, letter]) => `${plain(described.symbol)} = %{${letter}:.8~g}`)
    .join("<br>");
  const sceneAxis = (described) => ({
    title: { text: wrapped(described.title, 220), font: { size: 12 } },
    type: described.scale,
    ...(described.range && {
      range: described.scale === "log" ? described.range.map(Math.log10) : described.range,
    }),
    color: theme.ink,
    gridcolor: theme.rule,
    zeroline: false,
    showbackground: false,
    exponentformat: "power",
    tickfont: { size: 11, color: theme.muted },
  });
  const entries = [
    {
      name: figure.z.title,
      isFixed: true,
      swatch: { gradient: ["#00224e", "#7c7b78", "#fee838"] },
      traces: [
        {
          type: "surface",
          x: figure.xs,
          y: figure.ys,
          z: figure.zs,
          colorscale: "Cividis",
          showscale: false,
          opacity: figure.marks.length > 0 ? 0.85 : 1,
          contours: { z: { show: true, usecolormap: true, project: { z: true } } },
          hovertemplate: `${where}<extra></extra>`,
        },
      ],
    },
    ...markEntries(figure, theme, (mark, colour) => ({
      type: "scatter3d",
      x: mark.x,
      y: mark.y,
      z: mark.z,
      name: plain(mark.name),
      mode: "markers",
      marker: { size: 3.5, color: colour },
      hovertemplate: where,
    })),
  ];
  const layout = {
    ...baseLayout(size, theme),
    margin: { l: 0, r: 0, t: 0, b: 0 },
    scene: {
      xaxis: sceneAxis(figure.x),
      yaxis: sceneAxis(figure.y),
      zaxis: sceneAxis(figure.z),
      // A narrow screen needs the camera further away, or the axes' titles are cut off.
      camera: {
        eye: size.width < 500 ? { x: 1.65, y: 1.65, z: 1.4 } : { x: 1.3, y: 1.3, z: 1.1 },
      },
      aspectmode: "cube",
      dragmode: "orbit",
    },
  };
  return { entries, layout, data: visibleTraces(entries, hidden) };
}

export function contourChart(figure, theme, size, hidden) {
  const where = `${plain(figure.x.symbol)} = %{x:.8~g}<br>${plain(figure.y.symbol)} = %{y:.8~g}`;
  const entries = [
    {
      name: figure.z.title,
      isFixed: true,
      swatch: { gradient: ["#00224e", "#7c7b78", "#fee838"] },
      traces: [
        {
          type: "contour",
          x: figure.xs,
          y: figure.ys,
          z: figure.zs,
          colorscale: "Cividis",
          ncontours: 20,
          contours: { coloring: "heatmap" },
          line: { width: 0.6, color: "rgba(255,255,255,0.6)" },
          colorbar: { outlinewidth: 0, thickness: 12, exponentformat: "power" },
          hovertemplate: `${where}<br>${plain(figure.z.symbol)} = %{z:.8~g}<extra></extra>`,
        },
      ],
    },
    ...markEntries(figure, theme, (mark, colour) => ({
      type: "scatter",
      x: mark.x,
      y: mark.y,
      name: plain(mark.name),
      mode: "markers",
      marker: { size: 7, color: colour, line: { width: 1, color: "#ffffff" } },
      hovertemplate: where,
    })),
  ];
  const layout = {
    ...baseLayout(size, theme),
    margin: margins(),
    xaxis: axis(figure.x, theme, size.width - 120),
    yaxis: axis(figure.y, theme, size.height - 80),
    hovermode: "closest",
    dragmode: dragMode(),
  };
  return { entries, layout, data: visibleTraces(entries, hidden) };
}
