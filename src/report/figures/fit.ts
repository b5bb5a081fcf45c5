import type { Figure, LineFigure, Series, SurfaceFigure } from "./figure.js";
import { packedLength } from "./packing.js";

/** Characters of packed numbers that a report may hold before they are thinned. */
const mostCharacters = 10_000_000;

/** What is always kept, however much there is. */
const leastCurves = 20;
const leastPoints = 500;
/** The same of what sums up many curves: it is looked at the most, and there is little of it. */
const leastOfSummary = 5000;
const leastSide = 101;

/** The share, 0 … 1, of its numbers that each figure may keep, so that all fit into one page. 1: all of them. */
export type Share = number;

function kept(count: number, least: number, share: Share): number {
  return Math.max(Math.min(count, least), Math.floor(count * share));
}

/** Of so many curves of single batches, how many stay. */
export function keptCurves(count: number, share: Share): number {
  return kept(count, leastCurves, share);
}

/** Of a line of so many points, how many stay. */
export function keptPoints(count: number, share: Share, role?: Series["role"] | "band"): number {
  const isSummary = role === "mean" || role === "band";
  return kept(count, isSummary ? leastOfSummary : leastPoints, share);
}

/** Of so many grid lines of a surface, every how manieth stays. */
export function gridStep(count: number, share: Share): number {
  return Math.ceil(count / kept(count, leastSide, Math.sqrt(share)));
}

/** So many places, evenly chosen of `count`, the first and the last among them. */
export function evenly(count: number, wanted: number): number[] {
  if (wanted >= count) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: wanted }, (_, index) =>
    Math.round((index * (count - 1)) / Math.max(1, wanted - 1)),
  );
}

/** The largest share with which the figures' numbers fit into one page. */
export function fittingShare(figures: readonly Figure[], most: number = mostCharacters): Share {
  if (charactersOf(figures, 1) <= most) return 1;
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 20; halving++) {
    const middle = (low + high) / 2;
    if (charactersOf(figures, middle) <= most) low = middle;
    else high = middle;
  }
  return low;
}

function charactersOf(figures: readonly Figure[], share: Share): number {
  // An array that several series or figures share is packed once, unless it is thinned.
  const seen = new Set<ArrayLike<number>>();
  let characters = 0;
  const count = (values: ArrayLike<number>, points: number): void => {
    if (points >= values.length) {
      if (seen.has(values)) return;
      seen.add(values);
    }
    characters += packedLength(Math.min(points, values.length));
  };
  for (const figure of figures) {
    if (figure.kind === "lines") countLines(figure, share, count);
    else countSurface(figure, share, count);
  }
  return characters;
}

type Count = (values: ArrayLike<number>, points: number) => void;

function countLines(figure: LineFigure, share: Share, count: Count): void {
  const batches = figure.series.filter((series) => series.role === "batch");
  const chosen = new Set(
    evenly(batches.length, keptCurves(batches.length, share)).map((index) => batches[index]),
  );
  for (const series of figure.series) {
    if (series.role === "batch" && !chosen.has(series)) continue;
    // Where there are many curves, whole ones are left out rather than points of each.
    const points =
      series.role === "batch" && batches.length > leastCurves
        ? series.x.length
        : keptPoints(series.x.length, share, series.role);
    count(series.x, points);
    count(series.y, points);
  }
  for (const band of figure.bands ?? []) {
    const points = keptPoints(band.x.length, share, "band");
    for (const values of [band.x, band.low, band.high]) count(values, points);
  }
}

function countSurface(figure: SurfaceFigure, share: Share, count: Count): void {
  const columns = gridStep(figure.xs.length, share);
  const rows = gridStep(figure.ys.length, share);
  figure.zs.forEach((values, row) => {
    if (row % rows === 0) count(values, Math.ceil(values.length / columns));
  });
  for (const mark of figure.marks ?? []) {
    for (const values of [mark.x, mark.y, mark.z]) count(values, values.length);
  }
}
