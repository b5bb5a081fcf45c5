import type { Figure, LineFigure, Series, SurfaceFigure } from "./figure.js";
import { packedLength } from "./packing.js";

/** The most characters of packed numbers in a page; above it figures are thinned. */
const mostCharacters = 10_000_000;

/** What every figure keeps, whatever its share: curves of batches, points of a line, and grid lines each way. */
const leastCurves = 20;
const leastPoints = 500;
const leastGridLines = 101;
/** Points of a mean or a band, which are few and matter most. */
const leastOfSummary = 5000;

/** The share, 0 … 1, of its numbers that each figure keeps so that all fit into one page. */
export type Share = number;

function kept(count: number, least: number, share: Share): number {
  return Math.max(Math.min(count, least), Math.floor(count * share));
}

/** How many of `count` curves of batches are kept. */
export function keptCurves(count: number, share: Share): number {
  return kept(count, leastCurves, share);
}

/**
 * How many of `count` points of a series or band are kept.
 *
 * @param batches of the figure. If there are many, some curves are left out and the others keep all points.
 */
export function keptPoints(
  count: number,
  share: Share,
  role?: Series["role"] | "band",
  batches = 0,
): number {
  if (role === "batch" && batches > leastCurves) return count;
  const isSummary = role === "mean" || role === "band";
  return kept(count, isSummary ? leastOfSummary : leastPoints, share);
}

/** Every how many of `count` grid lines of a surface one is kept. */
export function gridStep(count: number, share: Share): number {
  return Math.ceil(count / kept(count, leastGridLines, Math.sqrt(share)));
}

/** Indices of `wanted` of `count` items, evenly spaced from the first to the last. */
export function evenly(count: number, wanted: number): number[] {
  if (wanted >= count) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: wanted }, (_, index) =>
    Math.round((index * (count - 1)) / Math.max(1, wanted - 1)),
  );
}

/** The largest share with which the numbers of all figures fit into one page. */
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
    const points = keptPoints(series.x.length, share, series.role, batches.length);
    count(series.x, points);
    count(series.y, points);
  }
  for (const band of figure.bands ?? []) {
    const points = keptPoints(band.x.length, share, "band");
    for (const values of [band.x, band.low, band.high]) count(values, points);
  }
  for (const values of figure.frames ?? []) count(values, values.length);
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
