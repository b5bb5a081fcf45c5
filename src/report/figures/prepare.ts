import type { Language } from "../../language/index.js";
import type { DrawnAxis, DrawnFigure } from "./drawn.js";
import type { Axis, Figure } from "./figure.js";
import type { Share } from "./fit.js";
import type { NumberPool } from "./packing.js";
import { prepareLines } from "./prepare-lines.js";
import { prepareSurface } from "./prepare-surface.js";

/** A figure as it goes into a page. */
export interface PreparedFigure {
  drawn: DrawnFigure;
  /** Sentences on what is not drawn, and why. */
  notes: string[];
  /** What a screen reader says of it. */
  description: string;
  /** Whether a reader can select batches that are not drawn at first. */
  hasSpares: boolean;
}

/**
 * Makes a figure ready to be drawn by the page's script.
 *
 * @param pool receives its numbers
 * @param share of its numbers that may stay
 */
export function prepareFigure(
  { texts }: Language,
  figure: Figure,
  pool: NumberPool,
  share: Share,
): PreparedFigure {
  if (figure.kind === "lines") {
    const { series, bands, notes, hasSpares } = prepareLines(texts, figure, pool, share);
    const [x, y] = [drawnAxis(figure.x), drawnAxis(figure.y)];
    const { id, span, shades, ball, frames, probe } = figure;
    const moving = {
      ...(ball && { ball: { x: pool.add(ball.x), y: pool.add(ball.y) } }),
      ...(frames && { frames: frames.map((values) => pool.add(values)) }),
      ...(probe && { probe }),
    };
    return {
      drawn: {
        kind: "lines",
        id,
        x,
        y,
        series,
        bands,
        ...(span && { span }),
        ...(shades && { shades }),
        ...moving,
      },
      notes,
      description: texts.page.lineChart(
        figure.title,
        x.title,
        y.title,
        y.scale === "log",
        series.length,
      ),
      hasSpares,
    };
  }
  const { notes, ...numbers } = prepareSurface(texts, figure, pool, share);
  const axes = { x: drawnAxis(figure.x), y: drawnAxis(figure.y), z: drawnAxis(figure.z) };
  const { id, view = "3d", cut, ball } = figure;
  const moving = ball && {
    ball: { x: pool.add(ball.x), y: pool.add(ball.y), z: pool.add(ball.z) },
  };
  const { x, y, z } = axes;
  const described = [figure.title, x.title, y.title, z.title, z.scale === "log"] as const;
  return {
    drawn: { kind: "surface", id, view, ...axes, ...numbers, ...(cut && { cut }), ...moving },
    notes,
    description: view === "map" ? texts.page.map(...described) : texts.page.surface(...described),
    hasSpares: false,
  };
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
