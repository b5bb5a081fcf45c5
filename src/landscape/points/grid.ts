import type { DenseNetwork, Network } from "../../model/index.js";
import type { LandscapeRecord } from "./types.js";

/**
 * Points in weight space: centre + α·direction for every α of a line, centre + α·direction 1 +
 * β·direction 2 for every α and β of a plane, layer by layer.
 */
export interface Grid<N extends Network = DenseNetwork> {
  centre: N;
  /** One, or two of a plane; the same layers as the centre. */
  directions: readonly N[];
  /** Evenly spaced; at least one. */
  alphas: Float64Array;
  /** Evenly spaced; 0 alone for a line, twice where there is a second one. */
  betas: Float64Array;
  /** The direction of a second line through the centre, beside that of the first: to a model with its units as they are. */
  unaligned?: N;
}

/** The β of each line of a landscape: of a line that has none 0, twice where there are two. */
export function linesOf({
  betas,
  alignment,
}: Pick<LandscapeRecord, "betas" | "alignment">): number[] {
  return betas ?? (alignment === undefined ? [0] : [0, 0]);
}

/** A grid through the weights of any network. */
export type AnyGrid = Grid<Network>;

/** How many points a grid has. */
export function pointsOf({ alphas, betas }: Pick<Grid, "alphas" | "betas">): number {
  return alphas.length * betas.length;
}

/** The squared errors' sums divided by the rows: mean squared errors. In place. */
export function toMeans(sums: Float64Array, rows: number): Float64Array {
  for (let point = 0; point < sums.length; point++) sums[point] = sums[point]! / rows;
  return sums;
}
