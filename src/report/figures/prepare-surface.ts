import type { Texts } from "../../language/index.js";
import type { DrawnSurface } from "./drawn.js";
import type { SurfaceFigure } from "./figure.js";
import { gridStep, type Share } from "./fit.js";
import { gapNotes, locationOfAll } from "./notes.js";
import type { NumberPool } from "./packing.js";

/** The most points of a mark on a surface. */
const mostMarks = 5000;

/** The numbers of a surface, and sentences on what is left out. */
export interface PreparedSurface extends Pick<DrawnSurface, "xs" | "ys" | "zs" | "marks"> {
  notes: string[];
}

export function prepareSurface(
  texts: Texts,
  figure: SurfaceFigure,
  pool: NumberPool,
  share: Share,
): PreparedSurface {
  const gaps = { notFinite: 0, notPositive: 0 };
  const height = (value: number): number | null => {
    if (!Number.isFinite(value)) gaps.notFinite++;
    else if (figure.z.scale === "log" && value <= 0) gaps.notPositive++;
    else return value;
    return null;
  };
  const columns = gridStep(figure.xs.length, share);
  const rows = gridStep(figure.ys.length, share);
  const zs = everyNth(figure.zs, rows).map((row) => pool.add(everyNth(row, columns).map(height)));
  const marks = (figure.marks ?? []).map((mark) => {
    const step = markStep(mark);
    return {
      name: mark.name,
      role: mark.role ?? ("points" as const),
      x: pool.add(everyNth(mark.x, step)),
      y: pool.add(everyNth(mark.y, step)),
      z: pool.add(everyNth(mark.z, step).map(height)),
      ...(mark.labels && { labels: everyNth(mark.labels, step) }),
    };
  });
  return {
    xs: pool.add(everyNth(figure.xs, columns)),
    ys: pool.add(everyNth(figure.ys, rows)),
    zs,
    marks,
    notes: [...thinningNotes(texts, figure, columns, rows), ...gapNotes(texts, gaps)],
  };
}

function everyNth<Value>(values: ArrayLike<Value>, step: number): Value[] {
  return Array.from(values).filter((_, index) => index % step === 0);
}

function markStep({ x }: NonNullable<SurfaceFigure["marks"]>[number]): number {
  return Math.ceil(x.length / mostMarks);
}

function thinningNotes(
  texts: Texts,
  figure: SurfaceFigure,
  columns: number,
  rows: number,
): string[] {
  const notes: string[] = [];
  const { xs, ys, marks = [] } = figure;
  if (columns > 1 || rows > 1)
    notes.push(
      texts.notes.gridThinned(xs.length, ys.length, columns, rows, locationOfAll(texts, figure)),
    );
  for (const mark of marks) {
    const step = markStep(mark);
    if (step > 1) notes.push(texts.notes.markThinned(mark.name, step, mark.x.length));
  }
  return notes;
}
