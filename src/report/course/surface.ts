import type { SurfaceFigure } from "../figures/figure.js";
import { heightColours } from "../figures/height-colours.js";

/** Cells of the drawn grid each way. */
const CELLS = 20;
/** Where the viewer stands: turned about the height, and looking down. */
const TURN = (-30 * Math.PI) / 180;
const TILT = (32 * Math.PI) / 180;
/** The height of the surface, in widths of its ground. */
const RISE = 0.55;

interface Point {
  left: number;
  top: number;
  /** Farther points are drawn first. */
  depth: number;
}

/** A surface as cells, the farthest first, with the paths on it. */
export function surfaceThumbnail(figure: SurfaceFigure, width: number, height: number): string {
  const isLog = figure.z.scale === "log";
  const place = (z: number): number => (isLog ? Math.log10(z) : z);
  const rows = indices(figure.ys.length);
  const columns = indices(figure.xs.length);
  const heights = rows.map((row) => columns.map((column) => place(figure.zs[row]![column]!)));
  const finite = heights.flat().filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const share = (z: number): number => (high > low ? (z - low) / (high - low) : 0);
  const across = shareOf(figure.xs);
  const along = shareOf(figure.ys);
  const project = (x: number, y: number, z: number): Point => {
    const [a, b] = [across(x) - 0.5, along(y) - 0.5];
    const right = a * Math.cos(TURN) - b * Math.sin(TURN);
    const depth = a * Math.sin(TURN) + b * Math.cos(TURN);
    const up = (share(z) - 0.5) * RISE * Math.cos(TILT) + depth * Math.sin(TILT);
    return { left: right, top: -up, depth };
  };
  const ground = rows.map((row, j) =>
    columns.map((column, i) => project(figure.xs[column]!, figure.ys[row]!, heights[j]![i]!)),
  );
  const fit = fitTo(ground.flat(), width, height);
  const corners = ground.map((row) => row.map(fit));
  const cells: { depth: number; svg: string }[] = [];
  for (let j = 0; j + 1 < rows.length; j++) {
    for (let i = 0; i + 1 < columns.length; i++) {
      const around = [
        corners[j]![i]!,
        corners[j]![i + 1]!,
        corners[j + 1]![i + 1]!,
        corners[j + 1]![i]!,
      ];
      const level =
        (heights[j]![i]! + heights[j]![i + 1]! + heights[j + 1]![i + 1]! + heights[j + 1]![i]!) / 4;
      if (!Number.isFinite(level)) continue;
      const colour =
        heightColours[
          Math.min(heightColours.length - 1, Math.floor(share(level) * heightColours.length))
        ]!;
      const depth = around.reduce((sum, point) => sum + point.depth, 0);
      cells.push({ depth, svg: `<path d="M${around.map(at).join("L")}Z" fill="${colour}"/>` });
    }
  }
  const drawn = cells.toSorted((one, other) => other.depth - one.depth).map(({ svg }) => svg);
  const marks = (figure.marks ?? []).flatMap(({ x, y, z, role }) => {
    if (role !== "path") return [];
    const points = Array.from(x, (value, index) =>
      fit(project(value, y[index]!, place(z[index]!))),
    );
    return [
      `<path d="M${points
        .filter(({ top }) => Number.isFinite(top))
        .map(at)
        .join("L")}" fill="none" stroke="var(--ball)" stroke-width="2.5" stroke-linejoin="round"/>`,
    ];
  });
  return `<g stroke="var(--raised)" stroke-width="0.4" stroke-linejoin="round">${drawn.join("")}</g>${marks.join("")}`;
}

/** Moves and scales points so that all lie within the drawing, with a margin. */
function fitTo(points: readonly Point[], width: number, height: number): (point: Point) => Point {
  const margin = 10;
  const finite = points.filter(({ top }) => Number.isFinite(top));
  const [lefts, tops] = [finite.map(({ left }) => left), finite.map(({ top }) => top)];
  const [west, east] = [Math.min(...lefts), Math.max(...lefts)];
  const [north, south] = [Math.min(...tops), Math.max(...tops)];
  const scale = Math.min(
    (width - 2 * margin) / (east - west),
    (height - 2 * margin) / (south - north),
  );
  return ({ left, top, depth }) => ({
    left: width / 2 + (left - (west + east) / 2) * scale,
    top: height / 2 + (top - (north + south) / 2) * scale,
    depth,
  });
}

/** At most CELLS + 1 indices, evenly, with both ends. */
function indices(length: number): number[] {
  const count = Math.min(CELLS, length - 1);
  return Array.from({ length: count + 1 }, (_, index) =>
    Math.round((index * (length - 1)) / count),
  );
}

/** The position of a value between the first and the last of an axis. */
function shareOf(axis: ArrayLike<number>): (value: number) => number {
  const [first, last] = [axis[0]!, axis[axis.length - 1]!];
  return (value) => (value - first) / (last - first);
}

function at({ left, top }: Point): string {
  return `${left.toFixed(1)} ${top.toFixed(1)}`;
}
