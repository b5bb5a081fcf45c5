// Marks over a chart that move without Plotly drawing it again.

import type { Chart, PlotlyAxis } from "../types.js";

const SVG = "http://www.w3.org/2000/svg";

/** The attributes of a mark. */
export type Attributes = Record<string, string | number>;

export function svgElement(name: string, attributes: Attributes): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** A value's distance from the start of an axis, in pixels. */
function along({ range, type, _length }: PlotlyAxis, value: number): number {
  const [low = 0, high = 1] = range.map(Number);
  return (((type === "log" ? Math.log10(value) : value) - low) / (high - low)) * _length;
}

/** Positions within the area of a chart's axes, in pixels. */
export interface Area {
  width: number;
  height: number;
  left: number;
  top: number;
  x(value: number): number;
  y(value: number): number;
}

/** The area of a chart's axes; undefined before it is drawn. */
export function areaOf({ container }: Chart): Area | undefined {
  const { xaxis, yaxis } = container._fullLayout ?? {};
  if (xaxis === undefined || yaxis === undefined) return undefined;
  return {
    width: xaxis._length,
    height: yaxis._length,
    left: xaxis._offset,
    top: yaxis._offset,
    x: (value) => along(xaxis, value),
    y: (value) => yaxis._length - along(yaxis, value),
  };
}

/**
 * Replaces the marks of one kind over a chart. What lies outside the axes is cut off, except for balls.
 *
 * @param name of the kind
 */
export function setMarks(chart: Chart, name: string, marks: (area: Area) => SVGElement[]): void {
  const area = areaOf(chart);
  if (area === undefined) return;
  let layer = chart.container.querySelector<SVGElement>(`.overlay.${name}`);
  if (layer === null) {
    layer = svgElement("svg", { class: `overlay ${name}`, "aria-hidden": "true" });
    chart.container.append(layer);
  }
  const { left, top, width, height } = area;
  const inner = svgElement("svg", { x: left, y: top, width, height, class: "area" });
  inner.append(...marks(area));
  layer.replaceChildren(inner);
}

/** The ball. */
export function ballMark(x: number, y: number): SVGElement[] {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return [];
  const style = "fill: var(--ball); stroke: #ffffff; stroke-width: 2";
  return [svgElement("circle", { cx: x, cy: y, r: 7, style })];
}
