import { dispose, scalar, tensor, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Batch } from "../stream/index.js";
import { backpropagate } from "./backpropagation.js";
import { parametersOf } from "./network.js";
import { tensorNetworkAlgebra } from "./tensor-algebra.js";
import type { DenseNetwork } from "./types.js";

/** The rows of a batch; its arrays may be longer. */
export type BatchRows = Pick<Batch, "x" | "y" | "rows">;

/** The gradients of a batch at the current weights. The caller disposes of the tensors. */
export interface BatchGradients {
  /** Gradients of the batch's mean squared error, one tensor for each trainable parameter. */
  gradients: Tensor[];
  /** Prediction − target, rows × 1. */
  residuals: Tensor2D;
}

/** A model's parameters on the current backend. */
export interface HeldParameters {
  /** How many parameters are trained; they come first. */
  readonly trainable: number;
  /** The current parameters. The caller must not dispose of them. */
  parameters(): readonly Tensor[];
  /** Replaces the first parameters, and takes over the tensors. */
  replace(parameters: readonly Tensor[]): void;
  dispose(): void;
}

/** A model's parameters and how their gradients are computed. */
export interface GradientSource extends HeldParameters {
  /**
   * Gradients at the current parameters. The batch's arrays may be reused when this returns.
   *
   * @param step the number of the step, counted from 1, from which random layers derive their seed
   */
  gradients(batch: BatchRows, step: number): BatchGradients;
}

/** Uploads a batch to the current backend. */
export function uploadBatch(
  { x, y, rows }: BatchRows,
  features: number,
): { x: Tensor2D; y: Tensor2D } {
  return {
    x: tensor2d(x.subarray(0, rows * features), [rows, features]),
    y: tensor2d(y.subarray(0, rows), [rows, 1]),
  };
}

/** Uploads a network's parameters to the current backend. */
export function uploadParameters(network: DenseNetwork): Tensor[] {
  // A copy: the cpu backend keeps the array that it gets.
  return parametersOf(network).map(({ values, shape }) => tensor(values.slice(), [...shape]));
}

/**
 * Holds a dense network's parameters on the current backend. All of them are trained.
 *
 * @param release called by `dispose`, to free what the caller holds besides
 */
export function holdParameters(
  network: DenseNetwork,
  release: () => void = () => {},
): HeldParameters {
  let current = uploadParameters(network);
  return {
    trainable: current.length,
    parameters: () => current,
    replace(parameters) {
      dispose(current.slice(0, parameters.length));
      current = [...parameters, ...current.slice(parameters.length)];
    },
    dispose() {
      dispose(current);
      release();
    },
  };
}

/** Gradients of dense layers by backpropagation in tensors. Nothing is read back from the backend. */
export function denseGradients(network: DenseNetwork): GradientSource {
  const features = network[0]!.inputs;
  const held = holdParameters(network);
  return {
    ...held,
    gradients(batch) {
      return tidy(() => {
        const { gradients, residuals } = backpropagate(tensorNetworkAlgebra, network, {
          ...uploadBatch(batch, features),
          parameters: held.parameters(),
          factor: scalar(2 / batch.rows),
        });
        return { gradients, residuals: residuals as Tensor2D };
      });
    },
  };
}

/** Reads tensors back from the backend. */
export function download(tensors: readonly Tensor[]): Promise<Float32Array[]> {
  return Promise.all(
    tensors.map(async (values) => Float32Array.from(await values.data<"float32">())),
  );
}

/** The mean of the squares of residuals, summed in float64. */
export async function meanSquare(residuals: Tensor2D): Promise<number> {
  const values = await residuals.data<"float32">();
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}
