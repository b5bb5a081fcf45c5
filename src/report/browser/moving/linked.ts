// Shows the place under the pointer of a surface on its map, and the other way round.

import { MOVED } from "../surface-chart.js";
import type { Chart, ReadSurface } from "../types.js";
import { setMarks, svgElement } from "./overlay.js";

interface HoverEvent {
  points: { x: number; y: number }[];
}

/** The index of the value that is nearest. */
function nearest(values: Float64Array, wanted: number): number {
  let best = 0;
  values.forEach((value, index) => {
    if (Math.abs(value - wanted) < Math.abs(values[best]! - wanted)) best = index;
  });
  return best;
}

function showOnSurface({ container }: Chart, point: [number, number, number] | undefined): void {
  const index = container.data.findIndex((trace) => trace["uid"] === MOVED.pointer);
  const [x, y, z] = point ?? [NaN, NaN, NaN];
  void globalThis.Plotly.restyle(container, { x: [[x]], y: [[y]], z: [[z]] }, [index]);
}

function showOnMap(chart: Chart, point: [number, number] | undefined): void {
  setMarks(chart, "at-pointer", (area) => {
    if (point === undefined) return [];
    const [cx, cy] = [area.x(point[0]), area.y(point[1])];
    const style = "fill: none; stroke-width: 2; stroke: ";
    return [
      svgElement("circle", { cx, cy, r: 7, style: `${style}#000000` }),
      svgElement("circle", { cx, cy, r: 5, style: `${style}#ffffff` }),
    ];
  });
}

/** Links a drawn chart to the other surface figures in its row. */
export function setUpLink(chart: Chart, charts: readonly Chart[]): void {
  const { drawn, figure, container } = chart;
  if (drawn?.kind !== "surface") return;
  const others = charts.filter(
    (other) =>
      other !== chart &&
      other.drawn?.kind === "surface" &&
      other.figure.parentElement === figure.parentElement &&
      figure.parentElement?.classList.contains("beside") === true,
  );
  if (others.length === 0) return;
  let isDue = false;
  let point: [number, number] | undefined;
  const show = (): void => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      for (const other of others) {
        if (!other.isDrawn) continue;
        if (other.isSurface) showOnSurface(other, point && [...point, heightOf(drawn, point)]);
        else showOnMap(other, point);
      }
    });
  };
  container.on("plotly_hover", ({ points: [first] }: HoverEvent) => {
    if (first === undefined) return;
    point = [Number(first.x), Number(first.y)];
    show();
  });
  container.on("plotly_unhover", () => {
    point = undefined;
    show();
  });
}

function heightOf({ xs, ys, zs }: ReadSurface, [x, y]: [number, number]): number {
  return zs[nearest(ys, y)]?.[nearest(xs, x)] ?? NaN;
}
