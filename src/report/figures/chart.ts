import { thinBand, thinPoints } from "./thin.js";
import type { Axis, Figure, LineFigure, Series, SurfaceFigure } from "./figure.js";
import type { Share } from "./fit.js";
import { evenly, gridStep, keptCurves, keptPoints } from "./fit.js";
import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly, plural } from "../../common/text/plurals.js";
import type { NumberPool, PackedNumbers } from "./packing.js";

/** Curves of the role `batch` that are drawn at once at the most; more would hide each other. */
export const drawnCurves = 40;
/** Different colours before a ramp takes over. */
export const paletteSize = 6;
/** Points up to which the page's script draws a series whole. */
const drawnWhole = 5000;
/** Points marked on a surface at the most. */
const mostMarks = 5000;

/** An axis as the page's script reads it. */
export interface DrawnAxis {
  title: string;
  symbol: string;
  scale: "linear" | "log";
  range?: [number, number];
}

/** A series as the page's script reads it. */
export interface DrawnSeries {
  name: string;
  role: NonNullable<Series["role"]>;
  x: PackedNumbers;
  y: PackedNumbers;
  /** A colour of the palette by number, or 0 … 1 along the ramp. */
  colour: { palette: number } | { ramp: number };
  /** The lowest point, where it is to be marked. */
  lowest?: { x: number; y: number };
  /** In the page, but drawn only when it is chosen. */
  isSpare?: true;
}

/** A figure as the page's script reads it: plain JSON. */
export type DrawnFigure = DrawnLines | DrawnSurface;

export interface DrawnLines {
  kind: "lines";
  id: string;
  x: DrawnAxis;
  y: DrawnAxis;
  series: DrawnSeries[];
  bands: { name: string; x: PackedNumbers; low: PackedNumbers; high: PackedNumbers }[];
  span?: NonNullable<LineFigure["span"]>;
}

export interface DrawnSurface {
  kind: "surface";
  id: string;
  view: "3d" | "map";
  x: DrawnAxis;
  y: DrawnAxis;
  z: DrawnAxis;
  xs: PackedNumbers;
  ys: PackedNumbers;
  zs: PackedNumbers[];
  marks: {
    name: string;
    role: "points" | "path";
    x: PackedNumbers;
    y: PackedNumbers;
    z: PackedNumbers;
    labels?: string[];
  }[];
  cut?: { name: string; x: [number, number]; y: [number, number] };
}

/** What is drawn of a figure, what must be said beside it, and how it is described to who cannot see it. */
export interface PreparedFigure {
  drawn: DrawnFigure;
  /** Sentences: what is not drawn, and why. */
  notes: string[];
  description: string;
  /** Whether the page offers single batches to choose from. */
  hasSpares: boolean;
}

/**
 * Makes a figure ready to be drawn.
 *
 * @param pool takes its numbers
 * @param share of its numbers that may stay
 */
export function prepareFigure(figure: Figure, pool: NumberPool, share: Share): PreparedFigure {
  return figure.kind === "lines"
    ? prepareLines(figure, pool, share)
    : prepareSurface(figure, pool, share);
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

/** Where the whole of a thinned figure is. */
function wholePlace(figure: Figure): string {
  const links = figure.data ?? [];
  return links.length === 0
    ? "the folder that the figure was made from holds all"
    : `all are in ${links.map(({ file }) => file).join(" and ")}`;
}

function prepareLines(figure: LineFigure, pool: NumberPool, share: Share): PreparedFigure {
  const notes: string[] = [];
  const scales = { logX: figure.x.scale === "log", logY: figure.y.scale === "log" };
  const batches = figure.series.filter((series) => series.role === "batch");
  const present = evenly(batches.length, keptCurves(batches.length, share)).flatMap(
    (index) => batches[index] ?? [],
  );
  if (present.length < batches.length) {
    notes.push(
      `Too much for one page (10 MB): it holds ${formatNumber(present.length)} of the ${countedExactly(batches.length, "curve")}, evenly chosen; ${wholePlace(figure)}.`,
    );
  }
  const drawnBatches = new Set(evenly(present.length, drawnCurves).map((index) => present[index]));
  const hasSpares = drawnBatches.size < present.length;
  if (hasSpares) {
    notes.push(
      `${formatNumber(drawnBatches.size)} of the ${countedExactly(present.length, "curve")} in this file are drawn, evenly chosen; any other can be chosen above. The mean and the band are those of all.`,
    );
  }
  const isPresent = new Set<Series>(present);
  const shown = figure.series.filter((series) => series.role !== "batch" || isPresent.has(series));
  const coloured = shown.filter((series) => series.role !== "mean" && series.role !== "reference");
  const places = new Map(coloured.map((series, index) => [series, index]));

  let notFinite = 0;
  let notPositive = 0;
  const series = shown.map((one): DrawnSeries => {
    const total = Math.min(one.x.length, one.y.length);
    const limit =
      one.role === "batch" && batches.length > 20 ? total : keptPoints(total, share, one.role);
    const points = thinPoints(one.x, one.y, { limit, ...scales });
    notFinite += points.notFinite;
    notPositive += points.notPositive;
    if (limit < total) {
      notes.push(
        `Too much for one page (10 MB): “${one.name}” is thinned to ${formatNumber(points.x.length)} of its ${countedExactly(total, "point")}, the highest and the lowest of each stretch among them; ${wholePlace(figure)}.`,
      );
    }
    if (points.x.length > drawnWhole) {
      notes.push(
        `“${one.name}” has ${countedExactly(points.x.length, "point")} in this file; the whole is drawn with the highest and the lowest of each stretch, and zooming in draws more of them.`,
      );
    }
    const lowest = one.lowest === true ? lowestPoint(points.x, points.y) : undefined;
    const number = places.get(one) ?? 0;
    return {
      name: one.name,
      role: one.role ?? "line",
      x: pool.add(points.x),
      y: pool.add(points.y),
      colour:
        coloured.length <= paletteSize
          ? { palette: number }
          : { ramp: number / Math.max(1, coloured.length - 1) },
      ...(lowest && { lowest }),
      ...(one.role === "batch" && !drawnBatches.has(one) && { isSpare: true as const }),
    };
  });

  const bands = (figure.bands ?? []).map((band) => {
    const total = Math.min(band.x.length, band.low.length, band.high.length);
    const thinned = thinBand(band.x, band.low, band.high, keptPoints(total, share, "band"));
    return {
      name: band.name,
      x: pool.add(thinned.x),
      low: pool.add(thinned.low),
      high: pool.add(thinned.high),
    };
  });
  if (notFinite > 0) notes.push(notFiniteNote(notFinite));
  if (notPositive > 0) {
    notes.push(
      `${countedExactly(notPositive, "point")} ${plural(notPositive, "is", "are")} not above zero and cannot be shown on a logarithmic axis.`,
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
      ...(figure.span && { span: figure.span }),
    },
    notes,
    description: `Chart: ${figure.title}. Horizontal axis: ${figure.x.title}. Vertical axis: ${figure.y.title}${scales.logY ? ", logarithmic" : ""}. ${formatNumber(series.length)} series.`,
    hasSpares,
  };
}

function notFiniteNote(count: number): string {
  return `${countedExactly(count, "point")} ${plural(count, "is", "are")} not finite (NaN or infinite) and shown as gaps.`;
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

/** Every so-manieth of an array's values. */
function strided<Value>(values: ArrayLike<Value>, step: number): Value[] {
  return Array.from(values).filter((_, index) => index % step === 0);
}

function prepareSurface(figure: SurfaceFigure, pool: NumberPool, share: Share): PreparedFigure {
  const notes: string[] = [];
  const isLog = figure.z.scale === "log";
  let notFinite = 0;
  let notPositive = 0;
  const height = (value: number): number | null => {
    if (!Number.isFinite(value)) notFinite++;
    else if (isLog && value <= 0) notPositive++;
    else return value;
    return null;
  };
  const columns = gridStep(figure.xs.length, share);
  const rows = gridStep(figure.ys.length, share);
  if (columns > 1 || rows > 1) {
    notes.push(
      `Too much for one page (10 MB): it holds every ${formatNumber(columns)}th point across and every ${formatNumber(rows)}th point along of the ${formatNumber(figure.xs.length)} × ${formatNumber(figure.ys.length)}; ${wholePlace(figure)}.`,
    );
  }
  const zs = strided(figure.zs, rows).map((row) => pool.add(strided(row, columns).map(height)));
  const marks = (figure.marks ?? []).map((mark) => {
    // A mark has three coordinates; where there are too many of them every so-manieth stays.
    const step = Math.ceil(mark.x.length / mostMarks);
    if (step > 1) {
      notes.push(
        `“${mark.name}” is thinned for drawing: every ${formatNumber(step)}th of its ${countedExactly(mark.x.length, "point")}.`,
      );
    }
    return {
      name: mark.name,
      role: mark.role ?? ("points" as const),
      x: pool.add(strided(mark.x, step)),
      y: pool.add(strided(mark.y, step)),
      z: pool.add(strided(mark.z, step).map(height)),
      ...(mark.labels && { labels: strided(mark.labels, step) }),
    };
  });
  if (notFinite > 0) notes.push(notFiniteNote(notFinite));
  if (notPositive > 0) {
    notes.push(
      `${countedExactly(notPositive, "point")} ${plural(notPositive, "is", "are")} not above zero and cannot be shown on a logarithmic axis.`,
    );
  }
  return {
    drawn: {
      kind: "surface",
      id: figure.id,
      view: figure.view ?? "3d",
      x: drawnAxis(figure.x),
      y: drawnAxis(figure.y),
      z: drawnAxis(figure.z),
      xs: pool.add(strided(figure.xs, columns)),
      ys: pool.add(strided(figure.ys, rows)),
      zs,
      marks,
      ...(figure.cut && { cut: figure.cut }),
    },
    notes,
    description: `${figure.view === "map" ? "Map with contour lines" : "Surface"}: ${figure.title}. Axes: ${figure.x.title}; ${figure.y.title}; ${figure.view === "map" ? "colour" : "height"}: ${figure.z.title}${isLog ? ", logarithmic" : ""}.`,
    hasSpares: false,
  };
}
