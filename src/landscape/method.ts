import type { Batch } from "../stream/index.js";
import type { DenseNetwork } from "../train/index.js";

/** A straight line in weight space: weights centre + α·direction, layer by layer, at every α. */
export interface Line {
  centre: DenseNetwork;
  /** Same layers as the centre. */
  direction: DenseNetwork;
  /** Evenly spaced; at least one. */
  alphas: Float64Array;
}

/** One way to compute losses along a line; each has a file of its own. */
export interface SliceMethod {
  /** As landscape.json records it. */
  readonly name: string;
  /** How many calls of `losses` may be under way at once. */
  readonly parallel: number;
  /**
   * The mean squared error of the batch's rows at every point, points × float64. It does not block
   * the event loop for long. A loss too large for float64 is Infinity. The batch's arrays must stay
   * as they are until it resolves, or, where `parallel` is more than 1, until it returns.
   */
  losses(batch: Pick<Batch, "x" | "y" | "rows">, signal?: AbortSignal): Promise<Float64Array>;
  /** Frees what the method holds. */
  dispose(): void | Promise<void>;
}

/** The squared errors' sums divided by the rows: mean squared errors. In place. */
export function toMeans(sums: Float64Array, rows: number): Float64Array {
  for (let point = 0; point < sums.length; point++) sums[point] = sums[point]! / rows;
  return sums;
}
