import type { Batch } from "../stream/index.js";
import type { DenseNetwork, Network } from "../train/index.js";
import type { Curves } from "./curves.js";

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
  /** Evenly spaced; 0 alone for a line. */
  betas: Float64Array;
}

/** One way to compute losses at the points of a grid; each has a file of its own. */
export interface SliceMethod {
  /** As landscape.json records it. */
  readonly name: string;
  /** Which instructions its kernel uses, as landscape.json records it. */
  readonly simd: "relaxed" | "fixed" | "none";
  /** How many calls of `evaluate` may be under way at once. */
  readonly parallel: number;
  /** How the losses come from what `evaluate` tells of a batch. */
  readonly curves: Curves;
  /**
   * Tells the mean squared error of the batch's rows at every point: in float64, a slice of all α
   * for one β after the other, or in fewer numbers that these come from. It does not block the event
   * loop for long. A loss too large for float64 is Infinity. The batch's arrays must stay as they
   * are until it resolves, or, where `parallel` is more than 1, until it returns.
   */
  evaluate(batch: Pick<Batch, "x" | "y" | "rows">, signal?: AbortSignal): Promise<Float64Array>;
  /** Frees what the method holds. */
  dispose(): void | Promise<void>;
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
