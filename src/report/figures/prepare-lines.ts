import type { Texts } from "../../language/index.js";
import type { DrawnLines, DrawnSeries } from "./drawn.js";
import type { LineFigure, Series } from "./figure.js";
import { evenly, keptCurves, keptPoints, type Share } from "./fit.js";
import { gapNotes, locationOfAll } from "./notes.js";
import type { NumberPool } from "./packing.js";
import { thinBand, thinPoints } from "./thin.js";

/** The most curves of the role `batch` that are drawn at once; more would hide each other. */
const mostDrawn = 40;
/** Colours of the palette; with more series the colours of a ramp are used. */
const paletteSize = 6;
/** Points up to which the page's script draws all of a series at once. */
const mostUnthinned = 5000;

/** The numbers of a chart of lines, and sentences on what is left out. */
export interface PreparedLines extends Pick<DrawnLines, "series" | "bands"> {
  notes: string[];
  hasSpares: boolean;
}

export function prepareLines(
  texts: Texts,
  figure: LineFigure,
  pool: NumberPool,
  share: Share,
): PreparedLines {
  const { series, spares, notes } = selectSeries(texts, figure, share);
  const scales = { logX: figure.x.scale === "log", logY: figure.y.scale === "log" };
  const batches = figure.series.filter(isBatch).length;
  const gaps = { notFinite: 0, notPositive: 0 };
  const colourOf = colours(series);
  const prepared = series.map((one): DrawnSeries => {
    const total = Math.min(one.x.length, one.y.length);
    const limit = keptPoints(total, share, one.role, batches);
    const points = thinPoints(one.x, one.y, { limit, ...scales });
    gaps.notFinite += points.notFinite;
    gaps.notPositive += points.notPositive;
    notes.push(...pointNotes(texts, figure, one.name, points.x.length, { total, limit }));
    const lowest = one.lowest === true ? lowestPoint(points.x, points.y) : undefined;
    return {
      name: one.name,
      role: one.role ?? "line",
      x: pool.add(points.x),
      y: pool.add(points.y),
      colour: colourOf(one),
      ...(lowest && { lowest }),
      ...(spares.has(one) && { isSpare: true as const }),
    };
  });
  return {
    series: prepared,
    bands: prepareBands(figure, pool, share),
    notes: [...notes, ...gapNotes(texts, gaps)],
    hasSpares: spares.size > 0,
  };
}

function isBatch({ role }: Series): boolean {
  return role === "batch";
}

interface SelectedSeries {
  /** All that go into the page. */
  series: Series[];
  /** Those of them that are not drawn at first. */
  spares: Set<Series>;
  notes: string[];
}

/** Of many batches the page has some, and of these it draws some; evenly spaced either way. */
function selectSeries(texts: Texts, figure: LineFigure, share: Share): SelectedSeries {
  const notes: string[] = [];
  const batches = figure.series.filter(isBatch);
  const kept = evenly(batches.length, keptCurves(batches.length, share)).map(
    (index) => batches[index]!,
  );
  if (kept.length < batches.length)
    notes.push(
      texts.notes.curvesLeftOut(kept.length, batches.length, locationOfAll(texts, figure)),
    );
  const drawn = new Set(evenly(kept.length, mostDrawn).map((index) => kept[index]));
  const spares = new Set(kept.filter((one) => !drawn.has(one)));
  if (spares.size > 0) notes.push(texts.notes.curvesNotDrawn(drawn.size, kept.length));
  const inPage = new Set(kept);
  return { series: figure.series.filter((one) => !isBatch(one) || inPage.has(one)), spares, notes };
}

/** The colour of each series but means and references: of the palette, or of a ramp if there are many. */
function colours(series: readonly Series[]): (one: Series) => DrawnSeries["colour"] {
  const coloured = series.filter(({ role }) => role !== "mean" && role !== "reference");
  const positions = new Map(coloured.map((one, index) => [one, index]));
  return (one) => {
    const position = positions.get(one) ?? 0;
    return coloured.length <= paletteSize
      ? { palette: position }
      : { ramp: position / Math.max(1, coloured.length - 1) };
  };
}

function pointNotes(
  texts: Texts,
  figure: LineFigure,
  name: string,
  points: number,
  { total, limit }: { total: number; limit: number },
): string[] {
  const notes: string[] = [];
  if (limit < total)
    notes.push(texts.notes.pointsLeftOut(name, points, total, locationOfAll(texts, figure)));
  if (points > mostUnthinned) notes.push(texts.notes.pointsNotDrawn(name, points));
  return notes;
}

function prepareBands(figure: LineFigure, pool: NumberPool, share: Share): DrawnLines["bands"] {
  return (figure.bands ?? []).map((band) => {
    const total = Math.min(band.x.length, band.low.length, band.high.length);
    const thinned = thinBand(band.x, band.low, band.high, keptPoints(total, share, "band"));
    return {
      name: band.name,
      x: pool.add(thinned.x),
      low: pool.add(thinned.low),
      high: pool.add(thinned.high),
    };
  });
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
