import type { Texts } from "../../../language/index.js";
import type { HistoryRow } from "../../../train/index.js";
import type { Figure, LineFigure, Scrubber, SurfaceFigure } from "../../figures/figure.js";
import { heightAt, lossRow, type PlaneGrid, type PlanePath } from "../plane.js";
import type { Walk } from "./walk.js";

/** A plane along the path of a training. */
export interface WalkPlane {
  grid: PlaneGrid;
  path: PlanePath;
  /** Surface and map. */
  figures: readonly SurfaceFigure[];
}

interface WalkInput {
  walk: Walk;
  history: readonly HistoryRow[];
  curve: LineFigure | undefined;
  plane: WalkPlane | undefined;
  /** The name of the loss, and of the target. */
  loss: string;
  target: string;
}

/** The figures of a training through which a scrubber moves, and the scrubber. */
export function walkFigures(
  texts: Texts,
  input: WalkInput,
): { figures: Figure[]; scrubber: Scrubber } {
  const { walk, history, curve, loss } = input;
  const { steps, distances } = walk;
  // A plane of another length of the training does not have these steps.
  const plane = sameSteps(input.plane, steps) ? input.plane : undefined;
  const logged = steps.map((step) => lastBefore(history, step));
  const ofCurve = curve && {
    ...curve,
    ball: { x: logged.map((row) => row?.step ?? NaN), y: logged.map((row) => row?.loss ?? NaN) },
  };
  const others: LineFigure[] = [
    ...(plane ? [sliceFigure(texts, plane, loss)] : []),
    distanceFigure(texts, walk),
    ...(walk.predictions ? [predictionFigure(texts, walk.predictions, input.target)] : []),
  ];
  // With a surface, all the rest is one row of small figures; without one, the curve is the large figure.
  const figures: Figure[] = plane
    ? [...surfaces(plane), ...smallRow([...(ofCurve ? [ofCurve] : []), ...others])]
    : [...(ofCurve ? [ofCurve] : []), ...smallRow(others)];
  return {
    figures,
    scrubber: {
      steps,
      readouts: [
        { name: texts.training.loss, values: logged.map((row) => row?.loss ?? NaN) },
        { name: texts.training.distanceReadout, values: distances },
      ],
    },
  };
}

function smallRow(figures: readonly LineFigure[]): LineFigure[] {
  return figures.map((figure, index) => ({ ...figure, small: true, beside: index > 0 }));
}

function sameSteps(plane: WalkPlane | undefined, steps: readonly number[]): plane is WalkPlane {
  const known = plane?.path.steps ?? [];
  return known.length === steps.length && known.every((step, index) => step === steps[index]);
}

/** The last logged row at or before a step; of the step before the first one, the first. */
function lastBefore(history: readonly HistoryRow[], step: number): HistoryRow | undefined {
  return history.findLast((row) => row.step <= step) ?? history[0];
}

/** The surface with the path on it, and its map beside it. */
function surfaces({ grid, path, figures }: WalkPlane): SurfaceFigure[] {
  const { alphas, betas = alphas.map(() => 0) } = path;
  const ball = {
    x: alphas,
    y: betas,
    z: alphas.map((alpha, at) => heightAt(grid, alpha, betas[at]!)),
  };
  return figures.map((figure, index) => ({ ...figure, ball, ...(index > 0 && { beside: true }) }));
}

/** The cut through the surface along the first direction, at the ball’s β: the ball lies on it at every step. */
function sliceFigure(texts: Texts, { grid, path }: WalkPlane, loss: string): LineFigure {
  const { alphas, betas = alphas.map(() => 0), explained = [] } = path;
  const frames = betas.map((beta) => lossRow(grid, beta));
  const y = alphas.map((alpha, at) => heightAt(grid, alpha, betas[at]!));
  const all = frames.flatMap((row) => [...row]).filter(Number.isFinite);
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const isLog = low > 0 && high > 20 * low;
  const margin = isLog ? (high / low) ** 0.05 : 0.05 * (high - low);
  return {
    kind: "lines",
    id: "slice-of-path",
    title: texts.training.sliceTitle,
    caption: texts.training.sliceCaption(explained[0] ?? NaN),
    x: { title: "α", symbol: "α" },
    y: {
      title: loss,
      symbol: texts.training.loss,
      scale: isLog ? "log" : "linear",
      range: isLog ? [low / margin, high * margin] : [low - margin, high + margin],
    },
    series: [{ name: texts.training.sliceSeries, x: grid.alphas, y: frames.at(-1)! }],
    ball: { x: alphas, y },
    frames,
  };
}

function distanceFigure(texts: Texts, { steps, distances }: Walk): LineFigure {
  return {
    kind: "lines",
    id: "distance-to-end",
    title: texts.training.distanceTitle,
    caption: texts.training.distanceCaption,
    x: { title: texts.training.step, symbol: texts.training.step },
    y: { title: texts.training.distanceAxis, symbol: texts.training.distance },
    series: [{ name: texts.training.distanceAxis, x: steps, y: distances }],
    ball: { x: steps, y: distances },
  };
}

/** Predictions of a sample of rows against their targets. */
function predictionFigure(
  texts: Texts,
  { targets, predicted }: NonNullable<Walk["predictions"]>,
  target: string,
): LineFigure {
  const [low, high] = ends([...targets]);
  const last = predicted.at(-1)!;
  const all = ends([...targets, ...last]);
  return {
    kind: "lines",
    id: "predictions",
    title: texts.training.predictionTitle,
    caption: texts.training.predictionCaption(targets.length),
    x: { title: target, symbol: texts.training.target },
    y: {
      title: texts.training.prediction,
      symbol: texts.training.prediction,
      range: [all[0] - 0.1 * (all[1] - all[0]), all[1] + 0.1 * (all[1] - all[0])],
    },
    series: [
      { name: texts.training.rows, role: "points", x: targets, y: last },
      {
        name: texts.training.predictionIsTarget,
        role: "reference",
        x: [low, high],
        y: [low, high],
      },
    ],
    frames: predicted,
  };
}

function ends(values: readonly number[]): [number, number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}
