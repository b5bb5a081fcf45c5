import type { Barrier, LandscapeRecord } from "../points/types.js";

/** The lines between two models. */
const BETWEEN: ReadonlySet<string> = new Set(["model", "swap", "rescale"]);

/**
 * The barriers of a landscape between two models, as its record has them: none of a plane, or where a loss is not finite.
 *
 * @param means the mean losses at all points, line by line
 */
export function barriersOf(
  { kind, along, alphas, alignment }: LandscapeRecord,
  means: Float64Array,
): Pick<LandscapeRecord, "barrier" | "unaligned"> {
  if (kind === "plane" || !BETWEEN.has(along)) return {};
  const barrier = barrierOf(alphas, means.subarray(0, alphas.length));
  const unaligned = alignment && barrierOf(alphas, means.subarray(alphas.length));
  return { ...(barrier && { barrier }), ...(unaligned && { unaligned }) };
}

/** The barrier of the losses along a line; undefined where α = 0 and 1 are not among its points. */
export function barrierOf(
  alphas: ArrayLike<number>,
  losses: ArrayLike<number>,
): Barrier | undefined {
  const points = Array.from(alphas, (alpha, at) => ({ alpha, loss: losses[at] ?? NaN })).filter(
    ({ alpha }) => alpha >= 0 && alpha <= 1,
  );
  const [first, last] = [points[0], points.at(-1)];
  if (first?.alpha !== 0 || last?.alpha !== 1) return undefined;
  if (!points.every(({ loss }) => Number.isFinite(loss))) return undefined;
  const [start, end] = [first.loss, last.loss];
  let [height, at, missed] = [0, 0, 0];
  for (const [index, { alpha, loss }] of points.entries()) {
    const above = loss - (start + alpha * (end - start));
    if (above > height) [height, at] = [above, alpha];
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before && after) {
      missed = Math.max(missed, Math.abs(before.loss - 2 * loss + after.loss) / 8);
    }
  }
  let [lowest, rise] = [Infinity, 0];
  for (const { loss } of start >= end ? points : points.toReversed()) {
    lowest = Math.min(lowest, loss);
    rise = Math.max(rise, loss - lowest);
  }
  return { height, alpha: at, missed, start, end, rise };
}
