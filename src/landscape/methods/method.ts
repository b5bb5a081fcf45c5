import type { Batch } from "../../stream/index.js";
import type { Curves } from "./curves.js";

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
