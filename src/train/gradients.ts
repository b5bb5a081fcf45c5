import { tensor2d } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Batch } from "../stream/index.js";
import type { DenseNetwork } from "./types.js";

/** What one batch says of the current weights. The tensors are the caller's to dispose of. */
export interface BatchGradients {
  /** Gradient of the batch's mean squared error, one tensor a layer (inputs × outputs). */
  gradients: Tensor2D[];
  /** Prediction − target, rows × 1. */
  residuals: Tensor2D;
}

/** The weights under training and the way to their gradients. */
export interface GradientEngine {
  /** Gradients at the current weights of a batch; the batch's arrays are free when it returns. */
  gradients(batch: Pick<Batch, "x" | "y" | "rows">): BatchGradients;
  /** The current weights, one tensor a layer; the engine's own. */
  weights(): readonly Tensor2D[];
  /** Takes new weights; the tensors become the engine's. */
  replace(weights: readonly Tensor2D[]): void;
  dispose(): void;
}

/** Puts a batch on the current backend. */
export function uploadBatch(
  { x, y, rows }: Pick<Batch, "x" | "y" | "rows">,
  features: number,
): { x: Tensor2D; y: Tensor2D } {
  return {
    x: tensor2d(x.subarray(0, rows * features), [rows, features]),
    y: tensor2d(y.subarray(0, rows), [rows, 1]),
  };
}

/** Puts a network's weights on the current backend. */
export function uploadWeights(network: DenseNetwork): Tensor2D[] {
  return network.map(({ weights, inputs, outputs }) =>
    // A copy: the cpu backend keeps the array it is given.
    tensor2d(weights.slice(), [inputs, outputs]),
  );
}

/** Reads weights back from the backend. */
export function downloadWeights(weights: readonly Tensor2D[]): Promise<Float32Array[]> {
  return Promise.all(
    weights.map(async (tensor) => Float32Array.from(await tensor.data<"float32">())),
  );
}

/** The mean of the squares of residuals, summed in float64. */
export async function meanSquare(residuals: Tensor2D): Promise<number> {
  const values = await residuals.data<"float32">();
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}
