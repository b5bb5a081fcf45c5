// Paints many curves on a canvas between the layers of a chart. As SVG elements they would be too slow to zoom and
// pan. Plotly still draws axes and bands, and handles the pointer.

import { partitionPoint } from "../../common/binary-search.js";
import type { Chart, Entry, Marker, PlotlyAxis, PlotNumbers, Stroke, Trace } from "./types.js";

/** Pixels around the axes, so that a marker on their edge is visible. */
const edge = 8;

/** Arrays in the coordinates of a linear or logarithmic axis, gaps as NaN; cached by array. */
const coordinates = {
  linear: new WeakMap<PlotNumbers, Float64Array>(),
  log: new WeakMap<PlotNumbers, Float64Array>(),
};

function coordinatesOf(values: PlotNumbers, type: PlotlyAxis["type"]): Float64Array {
  const kept = coordinates[type];
  let found = kept.get(values);
  if (!found) {
    const number = (value: number | null): number =>
      value === null ? NaN : type === "log" ? (value > 0 ? Math.log10(value) : NaN) : value;
    found =
      type === "linear" && values instanceof Float64Array
        ? values
        : Float64Array.from<number | null>(values, number);
    kept.set(values, found);
  }
  return found;
}

const orders = new WeakMap<Float64Array, boolean>();

function isSorted(x: Float64Array): boolean {
  let found = orders.get(x);
  if (found === undefined) {
    found = x.every((value, index) => index === 0 || value >= x[index - 1]!);
    orders.set(x, found);
  }
  return found;
}

/** The index of the first value that is at least `least`. */
function firstFrom(x: Float64Array, least: number): number {
  return partitionPoint(x.length, (index) => x[index]! < least);
}

/** The indices within a range, with one neighbour on either side. */
function indicesWithin(x: Float64Array, low: number, high: number): [number, number] {
  if (!isSorted(x)) return [0, x.length];
  return [Math.max(0, firstFrom(x, low) - 1), Math.min(x.length, firstFrom(x, high) + 1)];
}

/** Traces a line through all visible points, or through the extremes of each pixel if there are more points. */
function traceLine(
  context: CanvasRenderingContext2D,
  { x, y }: Points,
  across: Scale,
  up: Scale,
): void {
  const [from, to] = indicesWithin(x, across.low, across.high);
  const isDense = to - from > 2 * across.length;
  let isDown = false;
  let pixel = NaN;
  let [lowest, highest] = [Infinity, -Infinity];
  const flush = () => {
    if (lowest > highest) return;
    if (isDown) context.lineTo(pixel, lowest);
    else context.moveTo(pixel, lowest);
    if (highest > lowest) context.lineTo(pixel, highest);
    isDown = true;
    [lowest, highest] = [Infinity, -Infinity];
  };
  for (let index = from; index < to; index++) {
    const left = (x[index]! - across.low) * across.scale;
    const top = (up.high - y[index]!) * up.scale;
    // A gap.
    if (!(Math.abs(left) < 1e9 && Math.abs(top) < 1e9)) {
      flush();
      isDown = false;
    } else if (isDense) {
      const column = Math.floor(left);
      if (column !== pixel) flush();
      pixel = column;
      lowest = Math.min(lowest, top);
      highest = Math.max(highest, top);
    } else {
      if (isDown) context.lineTo(left, top);
      else context.moveTo(left, top);
      isDown = true;
    }
  }
  flush();
}

function drawMarkers(
  context: CanvasRenderingContext2D,
  { x, y }: Points,
  { size, color, line }: Marker,
  across: Scale,
  up: Scale,
): void {
  context.fillStyle = color;
  context.strokeStyle = line.color;
  context.lineWidth = line.width;
  for (let index = 0; index < x.length; index++) {
    const left = (x[index]! - across.low) * across.scale;
    const top = (up.high - y[index]!) * up.scale;
    const isWithin = left >= -1 && left <= across.length + 1 && top >= -1 && top <= up.length + 1;
    if (!isWithin) continue;
    context.beginPath();
    context.arc(left, top, size / 2, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/** A stroke in the coordinates of its axes. */
interface Points {
  x: Float64Array;
  y: Float64Array;
}

/** An axis: its ends, its length in pixels, and pixels for each unit. */
interface Scale {
  low: number;
  high: number;
  length: number;
  scale: number;
}

function scaleOf(axis: PlotlyAxis): Scale {
  const [low = 0, high = 1] = axis.range.map(Number);
  return { low, high, length: axis._length, scale: axis._length / (high - low) };
}

function canvasOf(container: HTMLElement): HTMLCanvasElement {
  const layer = container.querySelector(".gl-container");
  if (layer === null) throw new Error("the chart has no layer to paint on.");
  let canvas = layer.querySelector<HTMLCanvasElement>(".painted");
  if (!canvas) {
    canvas = document.createElement("canvas");
    canvas.className = "painted";
    layer.append(canvas);
  }
  return canvas;
}

/** Paints the curves of a chart at the current position of its axes. */
export function paint(chart: Chart): void {
  const { xaxis, yaxis } = chart.container._fullLayout;
  const canvas = canvasOf(chart.container);
  const density = Math.min(2, globalThis.devicePixelRatio || 1);
  const [across, up] = [scaleOf(xaxis), scaleOf(yaxis)];
  const width = Math.ceil(across.length) + 2 * edge;
  const height = Math.ceil(up.length) + 2 * edge;
  const size = [Math.round(width * density), Math.round(height * density)] as const;
  // Setting the size of a canvas also clears it, but is slower than clearing.
  if (canvas.width !== size[0] || canvas.height !== size[1]) {
    [canvas.width, canvas.height] = size;
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const [left, top] = [xaxis._offset - edge, yaxis._offset - edge];
  canvas.style.transform = `translate(${left}px, ${top}px)`;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.translate(edge, edge);
  context.save();
  context.beginPath();
  context.rect(0, 0, across.length, up.length);
  context.clip();
  context.lineJoin = "bevel";
  const strokes = (chart.strokes ?? []).filter(({ key }) => !chart.hidden.has(key));
  const numbers = (stroke: Stroke): Points => ({
    x: coordinatesOf(stroke.x, xaxis.type),
    y: coordinatesOf(stroke.y, yaxis.type),
  });
  const pointed = strokes.filter(({ name }) => name === chart.pointed);
  for (const stroke of [...strokes, ...pointed]) {
    if (!stroke.mode.includes("lines") || stroke.line === undefined) continue;
    const { color, width: thickness, dash } = stroke.line;
    context.strokeStyle = color;
    context.globalAlpha = stroke.opacity ?? 1;
    context.lineWidth = thickness + (stroke.name === chart.pointed ? 1.5 : 0);
    context.setLineDash(dash === "dash" ? [9, 5] : []);
    context.beginPath();
    traceLine(context, numbers(stroke), across, up);
    context.stroke();
  }
  context.restore();
  context.globalAlpha = 1;
  for (const stroke of strokes) {
    if (stroke.mode.includes("markers")) {
      drawMarkers(context, numbers(stroke), stroke.marker, across, up);
    }
  }
}

/** The points of many curves as one trace; the names of the curves are its custom data. */
function joined(parts: readonly Stroke[]): Trace {
  const first = parts[0]!;
  const total = parts.reduce((sum, { x }) => sum + x.length, 0);
  const [x, y] = [new Float64Array(total), new Float64Array(total)];
  const names: string[] = [];
  let at = 0;
  for (const part of parts) {
    x.set(coordinatesOf(part.x, "linear"), at);
    y.set(coordinatesOf(part.y, "linear"), at);
    at += part.x.length;
    names.push(...Array.from({ length: part.x.length }, () => part.name));
  }
  return {
    x,
    y,
    customdata: names,
    mode: "none",
    marker: { color: first.line?.color },
    hovertemplate: "%{y:.8~g}<extra>%{customdata}</extra>",
  };
}

/** The last joined trace by its first curve, so that the same curves are not joined again. */
const lastJoined = new WeakMap<PlotNumbers, { ys: PlotNumbers[]; trace: Trace }>();

function joinedOnce(parts: readonly Stroke[]): Trace {
  const before = lastJoined.get(parts[0]!.y);
  const isSame =
    before?.ys.length === parts.length && before.ys.every((y, index) => y === parts[index]!.y);
  if (before !== undefined && isSame) return { ...before.trace };
  const trace = joined(parts);
  lastJoined.set(parts[0]!.y, { ys: parts.map(({ y }) => y), trace });
  return { ...trace };
}

/** Traces as strokes: `lineEntry` sets every field of a stroke. */
function strokesAs(traces: readonly Trace[], key: Stroke["key"]): Stroke[] {
  return traces.map((one) => ({ ...one, key }) as unknown as Stroke);
}

/**
 * The entries of a chart whose curves are painted: strokes to paint, and invisible traces that Plotly uses for the
 * pointer. Many curves share one trace.
 */
export function paintedEntries(entries: readonly Entry[]): Entry[] {
  const crowd = entries.filter((entry) => entry.isFolded);
  return entries.map((entry, index) => {
    // Plotly draws bands.
    if (entry.swatch.fill) return entry;
    const key = entry.isFolded ? "folded" : index;
    const strokes = strokesAs(entry.traces, key);
    const traces = !entry.isFolded
      ? entry.traces.map((one) => ({ ...one, mode: "none" }))
      : entry === crowd[0]
        ? [crowd.map((one) => one.traces[0]!), crowd.flatMap((one) => one.traces.slice(1))]
            .filter((parts) => parts.length > 0)
            .map((parts) => joinedOnce(strokesAs(parts, key)))
        : [];
    return { ...entry, strokes, traces };
  });
}

/** All strokes, from back to front. */
export function strokesOf(entries: readonly Entry[]): Stroke[] {
  const strokes = entries.flatMap((entry) => entry.strokes ?? []);
  return strokes.toSorted((a, b) => a.zorder - b.zorder);
}
