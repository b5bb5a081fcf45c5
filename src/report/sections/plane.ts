import path from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import type { Language, Texts } from "../../language/index.js";
import { failure, reasonOf } from "../../common/errors.js";
import type { DataLink, FactTable, SurfaceFigure, SurfaceMark } from "../figures/figure.js";

/** The training's path in a plane's coordinates, as landscape.json holds it. */
export interface PlanePath {
  steps: readonly number[];
  alphas: readonly number[];
  betas?: readonly number[];
  /** The share of the path that each direction explains, 0 … 1. */
  explained?: readonly number[];
}

/** The mean loss over a plane: `loss[j][i]` belongs to `alphas[i]` and `betas[j]`. */
export interface PlaneGrid {
  alphas: Float64Array;
  betas: Float64Array;
  loss: Float64Array[];
}

/** Reads surface.parquet (`alpha beta loss variance`, in any order). Throws a failure if it is not a complete grid. */
export async function readPlane(folder: string): Promise<PlaneGrid> {
  const file = path.join(folder, "surface.parquet");
  let rows: Record<string, unknown>[];
  try {
    rows = await parquetReadObjects({
      file: await asyncBufferFromFile(file),
      columns: ["alpha", "beta", "loss"],
    });
  } catch (error) {
    throw failure(`Could not read ${file}: ${reasonOf(error)}.`, error);
  }
  const column = (name: string): Float64Array =>
    Float64Array.from(rows, (row) => Number(row[name]));
  const [alpha, beta, value] = [column("alpha"), column("beta"), column("loss")];
  const alphas = Float64Array.from(new Set(alpha)).toSorted();
  const betas = Float64Array.from(new Set(beta)).toSorted();
  if (alphas.length * betas.length !== rows.length || rows.length === 0) {
    throw failure(`${file} is not a complete grid of points; compute the landscape again.`);
  }
  const columnOf = new Map([...alphas].map((at, index) => [at, index]));
  const rowOf = new Map([...betas].map((at, index) => [at, index]));
  const loss = Array.from(betas, () => new Float64Array(alphas.length).fill(NaN));
  value.forEach((one, index) => {
    const row = loss[rowOf.get(beta[index] ?? NaN) ?? -1];
    if (row) row[columnOf.get(alpha[index] ?? NaN) ?? -1] = one;
  });
  return { alphas, betas, loss };
}

/** The height of the surface at a point, by bilinear interpolation; NaN outside the grid. */
export function heightAt({ alphas, betas, loss }: PlaneGrid, alpha: number, beta: number): number {
  const [i, partI] = cellOf(alphas, alpha);
  const [j, partJ] = cellOf(betas, beta);
  const at = (row: number, column: number): number =>
    loss[Math.min(row, betas.length - 1)]?.[Math.min(column, alphas.length - 1)] ?? NaN;
  const low = between(at(j, i), at(j, i + 1), partI);
  return between(low, between(at(j + 1, i), at(j + 1, i + 1), partI), partJ);
}

/** The losses along α at a β, by linear interpolation. */
export function lossRow(grid: PlaneGrid, beta: number): Float64Array {
  return grid.alphas.map((alpha) => heightAt(grid, alpha, beta));
}

function between(low: number, high: number, part: number): number {
  return part === 0 ? low : low + part * (high - low);
}

/** The index of the last of some sorted values at or below a value, and the fraction of the way to the next. */
function cellOf(values: Float64Array, value: number): [number, number] {
  const last = values.length - 1;
  if (!(value >= (values[0] ?? NaN) && value <= (values[last] ?? NaN))) return [-1, NaN];
  let below = values.findLastIndex((one) => one <= value);
  if (below === last && last > 0) below--;
  const [low, high] = [values[below] ?? NaN, values[below + 1] ?? NaN];
  return [below, last === 0 ? 0 : (value - low) / (high - low)];
}

/** The titles of a plane's axes. */
export interface PlaneText {
  /** The name of the loss. */
  loss: string;
  alpha: string;
  beta: string;
  symbols: readonly [alpha: string, beta: string];
}

/**
 * The figures of a plane: a surface in three dimensions and a map with contour lines. Both show the path of the
 * training or the centre, or the given marks. The scale is logarithmic if the losses span decades.
 */
export function planeFigures(
  texts: Texts,
  grid: PlaneGrid,
  axes: PlaneText,
  run: PlanePath | undefined,
  data: DataLink[],
  given?: SurfaceMark[],
): SurfaceFigure[] {
  const finite = grid.loss.flatMap((row) => [...row]).filter(Number.isFinite);
  const lowest = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const highest = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const isLog = lowest > 0 && highest > 20 * lowest;
  const marks = given ?? marksOf(texts, grid, run);
  const common = {
    kind: "surface" as const,
    x: { title: axes.alpha, symbol: axes.symbols[0] },
    y: { title: axes.beta, symbol: axes.symbols[1] },
    z: {
      title: texts.landscape.lossOfMean(axes.loss),
      symbol: texts.landscape.loss,
      ...(isLog && { scale: "log" as const }),
    },
    xs: grid.alphas,
    ys: grid.betas,
    zs: grid.loss,
    marks,
    data,
  };
  const onPath = run !== undefined && marks.some(({ role }) => role === "path");
  const captions = given ? texts.landscape.valleyCaptions : undefined;
  return [
    {
      ...common,
      id: "surface",
      view: "3d",
      title: onPath ? texts.landscape.surfaceWithPath : texts.landscape.surface,
      caption: onPath
        ? texts.landscape.captionOfPath(run?.explained?.reduce((sum, part) => sum + part, 0))
        : (captions?.surface ?? texts.landscape.captionOfSurface),
    },
    {
      ...common,
      id: "contours",
      view: "map",
      title: onPath ? texts.landscape.mapOfPath : texts.landscape.map,
      beside: true,
      caption: onPath
        ? texts.landscape.captionOfMapWithPath
        : (captions?.map ?? texts.landscape.captionOfMap),
    },
  ];
}

function marksOf(texts: Texts, grid: PlaneGrid, run: PlanePath | undefined): SurfaceMark[] {
  const mark = (
    name: string,
    x: readonly number[],
    y: readonly number[],
    rest: Partial<SurfaceMark> = {},
  ): SurfaceMark => ({
    name,
    x,
    y,
    z: x.map((alpha, index) => heightAt(grid, alpha, y[index] ?? NaN)),
    ...rest,
  });
  if (run?.betas === undefined || run.alphas.length === 0)
    return [mark(texts.landscape.centre, [0], [0])];
  const labels = run.steps.map((step) => texts.landscape.step(step));
  return [mark(texts.landscape.path, run.alphas, run.betas, { role: "path", labels })];
}

/** The lowest point of a plane and other facts. */
export function planeTable(
  { texts, number, percent }: Language,
  grid: PlaneGrid,
  run: PlanePath | undefined,
): FactTable {
  let best = { alpha: NaN, beta: NaN, loss: Infinity };
  grid.loss.forEach((row, j) => {
    row.forEach((loss, i) => {
      if (loss < best.loss)
        best = { alpha: grid.alphas[i] ?? NaN, beta: grid.betas[j] ?? NaN, loss };
    });
  });
  const rows: FactTable["rows"] = [
    [texts.landscape.points, `${number(grid.alphas.length)} × ${number(grid.betas.length)}`],
    [texts.landscape.lowestLoss, best.loss],
    [texts.landscape.atPlace, `${number(best.alpha)}; ${number(best.beta)}`],
    [texts.landscape.lossAtCentre, heightAt(grid, 0, 0)],
  ];
  if (run?.explained)
    rows.push([texts.landscape.explained, run.explained.map((part) => percent(part)).join("; ")]);
  return {
    kind: "table",
    id: "plane-facts",
    title: texts.landscape.planeFacts,
    columns: [texts.landscape.quantity, texts.landscape.value],
    rows,
  };
}
