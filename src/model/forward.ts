import { dispose, tensor, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import { ensureBackend } from "../backend/index.js";
import { layersOf } from "./build-layers.js";
import { numbersOf } from "./check-layers.js";
import { layerOutputs } from "./backpropagation.js";
import { uploadParameters } from "./gradients.js";
import { toLayersModel } from "./layers-network.js";
import { tensorNetworkAlgebra } from "./tensor-algebra.js";
import { featuresOf, isDense, parametersOf } from "./network.js";
import type { DenseNetwork, LayersNetwork, Network } from "./types.js";

/** Numbers of a layer's output for the rows of one pass, at most: 16 MiB. */
const PASS_NUMBERS = 1 << 22;

/** The forward pass of a network on the current tfjs backend. */
export interface Forward {
  /** Rows to pass at once, at most, so that memory stays bounded. */
  readonly passRows: number;
  /**
   * Predictions, rows × 1. The caller disposes of them.
   *
   * @param x rows × D features
   */
  apply(x: Tensor2D): Tensor2D;
  /** Replaces the weights, in the order of `parametersOf`. */
  replace(parameters: readonly Float32Array[]): void;
  /** Frees the weights on the backend. */
  dispose(): void;
}

/** Uploads a network to the current tfjs backend (`auto` where none has been chosen). */
export async function createForward(network: Network): Promise<Forward> {
  await ensureBackend();
  return isDense(network) ? denseForward(network) : layersForward(network);
}

function denseForward(network: DenseNetwork): Forward {
  let parameters = uploadParameters(network);
  const shapes = parameters.map(({ shape }) => shape);
  const widest = Math.max(featuresOf(network), ...network.map(({ outputs }) => outputs));
  return {
    passRows: passRowsOf(widest),
    apply: (x) =>
      tidy(() => layerOutputs(tensorNetworkAlgebra, network, parameters, x).at(-1) as Tensor2D),
    replace(values) {
      dispose(parameters);
      // Copies: the cpu backend keeps the arrays it is given.
      parameters = values.map((one, at): Tensor => tensor(one.slice(), shapes[at]!));
    },
    dispose: () => dispose(parameters),
  };
}

async function layersForward(network: LayersNetwork): Promise<Forward> {
  const model = await toLayersModel(network);
  // `read` returns the variable itself.
  const variables = model.weights.map((weight) => weight.read() as Variable);
  const shapes = parametersOf(network).map(({ shape }) => [...shape]);
  const widest = Math.max(network.features, ...layersOf(model).map(numbersOf));
  return {
    passRows: passRowsOf(widest),
    apply: (x) => tidy(() => model.apply(x, { training: false }) as Tensor2D),
    replace(values) {
      for (const [at, variable] of variables.entries()) {
        const next = tensor(values[at]!.slice(), shapes[at]!);
        variable.assign(next);
        next.dispose();
      }
    },
    dispose: () => void model.dispose(),
  };
}

function passRowsOf(widest: number): number {
  return Math.max(1, Math.floor(PASS_NUMBERS / widest));
}

/** Predicts batches with a network on the current tfjs backend. */
export interface Predictor {
  /**
   * Predictions of a batch.
   *
   * @param x rows × D features, row-major
   * @returns one number for each row
   */
  predict(x: Float32Array, rows: number): Promise<Float32Array>;
  /** Frees the weights on the backend. */
  dispose(): void;
}

/**
 * Uploads a network to the current tfjs backend (`auto` where none has been chosen). Large batches are
 * predicted in several passes, so that memory stays bounded. No tensor outlives a call.
 */
export async function createPredictor(network: Network): Promise<Predictor> {
  const forward = await createForward(network);
  const features = featuresOf(network);
  const { passRows } = forward;
  return {
    async predict(x, rows) {
      const predictions = new Float32Array(rows);
      for (let from = 0; from < rows; from += passRows) {
        const to = Math.min(rows, from + passRows);
        const input = tensor2d(x.subarray(from * features, to * features), [to - from, features]);
        let predicted: Tensor2D | undefined;
        try {
          predicted = forward.apply(input);
          predictions.set(await predicted.data<"float32">(), from);
        } finally {
          input.dispose();
          predicted?.dispose();
        }
      }
      return predictions;
    },
    dispose: () => forward.dispose(),
  };
}

/** Predicts one batch: `createPredictor` for a network that is used once. */
export async function predictNetwork(
  network: Network,
  x: Float32Array,
  rows: number,
): Promise<Float32Array> {
  const predictor = await createPredictor(network);
  try {
    return await predictor.predict(x, rows);
  } finally {
    predictor.dispose();
  }
}
