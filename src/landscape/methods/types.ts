import type { Batch } from "../../stream/index.js";
import type { Curves } from "./curves.js";

/** A way to compute losses at the points of a grid. Each has a file in this folder. */
export interface SliceMethod {
  /** As landscape.json records it. */
  readonly name: string;
  /** Which instructions its kernel uses, as landscape.json records it. */
  readonly simd: "relaxed" | "fixed" | "none";
  /** How many calls of `evaluate` may run at once. */
  readonly parallel: number;
  /** How the losses follow from the values that `evaluate` computes. */
  readonly curves: Curves;
  /**
   * Computes the mean squared error of the batch's rows at every point, in float64: for each β in turn
   * all α; or fewer values from which `curves` computes them. It does not block the event loop for
   * long. A loss too large for float64 is Infinity. The batch's arrays must not change until the
   * promise resolves, or, where `parallel` is more than 1, until the call returns.
   */
  evaluate(batch: Pick<Batch, "x" | "y" | "rows">, signal?: AbortSignal): Promise<Float64Array>;
  /** Frees what the method holds. */
  dispose(): void | Promise<void>;
}
