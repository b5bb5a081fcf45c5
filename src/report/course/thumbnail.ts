import type { Figure, LineFigure, Series } from "../figures/figure.js";
import { surfaceThumbnail } from "./surface.js";

/** The size of a thumbnail, in units of its drawing. */
const [WIDTH, HEIGHT] = [320, 180];
const MARGIN = 14;
/** The most points of a line in a thumbnail. */
const MOST_POINTS = 160;
/** The most lines. */
const MOST_LINES = 8;

/** A small drawing of a figure, without axes and words, in the colours of the page. It is decoration: the link beside it has the words. */
export function thumbnailOf(figure: Figure): string {
  const inner = figure.kind === "lines" ? lines(figure) : surfaceThumbnail(figure, WIDTH, HEIGHT);
  return `<svg class="thumbnail" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true" focusable="false">${inner}</svg>`;
}

/** Maps values of an axis to positions of the drawing. */
type Scale = (value: number) => number;

function lines(figure: LineFigure): string {
  const shown = figure.series.slice(0, MOST_LINES);
  const x = scaleOf(
    figure.x,
    shown.flatMap((one) => Array.from(one.x)),
    MARGIN,
    WIDTH - MARGIN,
  );
  const y = scaleOf(
    figure.y,
    shown.flatMap((one) => Array.from(one.y)),
    HEIGHT - MARGIN,
    MARGIN,
  );
  return shown.map((one, index) => seriesOf(one, index, x, y)).join("");
}

/** A linear or logarithmic scale over the finite values that can be drawn on it, or over the axis' range. */
function scaleOf(
  axis: LineFigure["x"],
  values: readonly number[],
  from: number,
  to: number,
): Scale {
  const place = axis.scale === "log" ? Math.log10 : (value: number): number => value;
  const placed = (axis.range ?? values).map(place).filter(Number.isFinite);
  const low = placed.reduce((least, value) => Math.min(least, value), Infinity);
  const high = placed.reduce((most, value) => Math.max(most, value), -Infinity);
  const width = high > low ? high - low : 1;
  return (value) => from + ((place(value) - low) / width) * (to - from);
}

function seriesOf(series: Series, index: number, x: Scale, y: Scale): string {
  const { role = "line" } = series;
  const every = Math.ceil(series.x.length / MOST_POINTS);
  const xs = everyNth(series.x, every).map(x);
  const ys = everyNth(series.y, every).map(y);
  const colour = role === "reference" ? "var(--muted)" : `var(--series-${index % 6})`;
  if (role === "points") {
    return xs
      .map((left, at) => [left, ys[at]!] as const)
      .filter(([left, top]) => Number.isFinite(left) && Number.isFinite(top))
      .map(
        ([left, top]) => `<circle cx="${round(left)}" cy="${round(top)}" r="3" fill="${colour}"/>`,
      )
      .join("");
  }
  // A gap begins a new line.
  let isDown = false;
  let path = "";
  for (const [at, left] of xs.entries()) {
    const top = ys[at]!;
    const isThere = Number.isFinite(left) && Number.isFinite(top);
    if (isThere) path += `${isDown ? "L" : "M"}${round(left)} ${round(top)}`;
    isDown = isThere;
  }
  const dash = role === "reference" ? ' stroke-dasharray="5 4"' : "";
  const width = role === "batch" ? 1.5 : role === "reference" ? 1.5 : 2.25;
  return `<path d="${path}" fill="none" stroke="${role === "mean" ? "var(--ink)" : colour}" stroke-width="${width}" stroke-linejoin="round"${dash}/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function everyNth(values: ArrayLike<number>, every: number): number[] {
  return Array.from(values).filter((_, index) => index % every === 0);
}
