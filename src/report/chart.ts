import type { Axis, Band, Figure, LineFigure, Series, SurfaceFigure } from "./figure.js";
import { formatNumber } from "./format.js";
import { thinBand, thinPoints } from "./thin.js";

/** Points a series is drawn with at the most. */
export const drawnPoints = 5000;
/** Curves of the role `batch` that are drawn at the most; more would hide each other. */
export const drawnCurves = 60;
/** Different colours before a ramp takes over. */
export const paletteSize = 6;

/** An axis as the page's script reads it. */
export interface DrawnAxis {
  title: string;
  symbol: string;
  scale: "linear" | "log";
  range?: [number, number];
}

/** A series as the page's script reads it; `null` is a gap. */
export interface DrawnSeries {
  name: string;
  role: NonNullable<Series["role"]>;
  x: (number | null)[];
  y: (number | null)[];
  /** A colour of the palette by number, or 0 … 1 along the ramp. */
  colour: { palette: number } | { ramp: number };
  /** The lowest point, where it is to be marked. */
  lowest?: { x: number; y: number };
}

/** A figure as the page's script reads it: plain JSON. */
export type DrawnFigure =
  | {
      kind: "lines";
      id: string;
      x: DrawnAxis;
      y: DrawnAxis;
      series: DrawnSeries[];
      bands: { name: string; x: number[]; low: (number | null)[]; high: (number | null)[] }[];
    }
  | {
      kind: "surface";
      id: string;
      x: DrawnAxis;
      y: DrawnAxis;
      z: DrawnAxis;
      xs: (number | null)[];
      ys: (number | null)[];
      zs: (number | null)[][];
      marks: {
        name: string;
        x: (number | null)[];
        y: (number | null)[];
        z: (number | null)[];
      }[];
    };

/** What is drawn of a figure, what must be said beside it, and how it is described to who cannot see it. */
export interface PreparedFigure {
  drawn: DrawnFigure;
  /** Sentences: what is not drawn, and why. */
  notes: string[];
  description: string;
}

/** Makes a figure ready to be drawn. */
export function prepareFigure(figure: Figure): PreparedFigure {
  return figure.kind === "lines" ? prepareLines(figure) : prepareSurface(figure);
}

function drawnAxis(axis: Axis): DrawnAxis {
  const symbol = axis.symbol ?? (axis.title.split(/[,(]/)[0]?.trim() || axis.title);
  return {
    title: axis.title,
    symbol,
    scale: axis.scale ?? "linear",
    ...(axis.range && { range: axis.range }),
  };
}

function plural(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function prepareLines(figure: LineFigure): PreparedFigure {
  const notes: string[] = [];
  const logX = figure.x.scale === "log";
  const logY = figure.y.scale === "log";

  const batches = figure.series.filter((series) => series.role === "batch");
  const skipped = new Set<Series>();
  if (batches.length > drawnCurves) {
    for (const series of batches) skipped.add(series);
    for (let curve = 0; curve < drawnCurves; curve++) {
      const chosen = batches[Math.round((curve * (batches.length - 1)) / (drawnCurves - 1))];
      if (chosen) skipped.delete(chosen);
    }
    notes.push(
      `${formatNumber(drawnCurves)} of the ${plural(batches.length, "curve")} are drawn, evenly chosen.`,
    );
  }
  const shown = figure.series.filter((series) => !skipped.has(series));
  const coloured = shown.filter((series) => series.role !== "mean" && series.role !== "reference");

  let notFinite = 0;
  let notPositive = 0;
  const series = shown.map((one): DrawnSeries => {
    const total = Math.min(one.x.length, one.y.length);
    const points = thinPoints(one.x, one.y, { limit: drawnPoints, logX, logY });
    notFinite += points.notFinite;
    notPositive += points.notPositive;
    if (total > drawnPoints) {
      notes.push(
        `“${one.name}” is thinned for drawing: ${formatNumber(points.x.length)} of its ${formatNumber(total)} points are shown, the highest and the lowest of each stretch among them.`,
      );
    }
    const lowest = one.lowest === true ? lowestPoint(points.x, points.y) : undefined;
    const number = Math.max(0, coloured.indexOf(one));
    return {
      name: one.name,
      role: one.role ?? "line",
      x: points.x,
      y: points.y,
      colour:
        coloured.length <= paletteSize
          ? { palette: number }
          : { ramp: number / Math.max(1, coloured.length - 1) },
      ...(lowest && { lowest }),
    };
  });

  const bands = (figure.bands ?? []).map((band: Band) => {
    const total = Math.min(band.x.length, band.low.length, band.high.length);
    if (total > drawnPoints) {
      notes.push(`“${band.name}” is thinned for drawing, from ${plural(total, "point")}.`);
    }
    return { name: band.name, ...thinBand(band.x, band.low, band.high, drawnPoints) };
  });
  if (notFinite > 0) notes.push(notFiniteNote(notFinite));
  if (notPositive > 0) {
    notes.push(
      `${plural(notPositive, "point")} ${notPositive === 1 ? "is" : "are"} not above zero and cannot be shown on a logarithmic axis.`,
    );
  }

  return {
    drawn: {
      kind: "lines",
      id: figure.id,
      x: drawnAxis(figure.x),
      y: drawnAxis(figure.y),
      series,
      bands,
    },
    notes,
    description: `Chart: ${figure.title}. Horizontal axis: ${figure.x.title}. Vertical axis: ${figure.y.title}${logY ? ", logarithmic" : ""}. ${formatNumber(series.length)} series.`,
  };
}

function notFiniteNote(count: number): string {
  return `${plural(count, "point")} ${count === 1 ? "is" : "are"} not finite (NaN or infinite) and shown as gaps.`;
}

function lowestPoint(
  x: (number | null)[],
  y: (number | null)[],
): { x: number; y: number } | undefined {
  let lowest: { x: number; y: number } | undefined;
  for (let index = 0; index < y.length; index++) {
    const [atX, atY] = [x[index] ?? null, y[index] ?? null];
    if (atX === null || atY === null) continue;
    if (lowest === undefined || atY < lowest.y) lowest = { x: atX, y: atY };
  }
  return lowest;
}

function prepareSurface(figure: SurfaceFigure): PreparedFigure {
  let notFinite = 0;
  const finite = (value: number, isCounted: boolean): number | null => {
    if (Number.isFinite(value)) return value;
    if (isCounted) notFinite++;
    return null;
  };
  const zs = Array.from(figure.zs, (row) => Array.from(row, (value) => finite(value, true)));
  const markNotes: string[] = [];
  const marks = (figure.marks ?? []).map((mark) => {
    // A mark has three coordinates; where there are too many of them every so-manieth stays.
    const every = Math.ceil(mark.x.length / drawnPoints);
    if (every > 1) {
      markNotes.push(
        `“${mark.name}” is thinned for drawing: every ${every}th of its ${plural(mark.x.length, "point")}.`,
      );
    }
    const chosen = (values: ArrayLike<number>, isCounted: boolean): (number | null)[] =>
      Array.from(values)
        .filter((_, index) => index % every === 0)
        .map((value) => finite(value, isCounted));
    return {
      name: mark.name,
      x: chosen(mark.x, false),
      y: chosen(mark.y, false),
      z: chosen(mark.z, true),
    };
  });
  const notes = notFinite > 0 ? [...markNotes, notFiniteNote(notFinite)] : markNotes;
  return {
    drawn: {
      kind: "surface",
      id: figure.id,
      x: drawnAxis(figure.x),
      y: drawnAxis(figure.y),
      z: drawnAxis(figure.z),
      xs: Array.from(figure.xs, (value) => finite(value, false)),
      ys: Array.from(figure.ys, (value) => finite(value, false)),
      zs,
      marks,
    },
    notes,
    description: `Surface: ${figure.title}. Axes: ${figure.x.title}; ${figure.y.title}; height: ${figure.z.title}.`,
  };
}
