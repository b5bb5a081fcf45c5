import { dispose, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { ensureBackend } from "./backend.js";
import { layerOutputs } from "./explicit.js";
import { uploadParameters } from "./gradients.js";
import type { DenseNetwork } from "./types.js";

/** Activations that may exist at once, in numbers: 16 MiB. */
const PART_ACTIVATIONS = 1 << 22;

/** A network on the current tfjs backend, for many batches. */
export interface Predictor {
  /**
   * Predictions of a batch.
   *
   * @param x rows × D features, row-major
   * @returns one number a row
   */
  predict(x: Float32Array, rows: number): Promise<Float32Array>;
  /** Frees the weights on the backend. */
  dispose(): void;
}

/**
 * Puts a network on the current tfjs backend (`auto` where none has been chosen). Batches of any
 * size pass in parts, so that memory stays bounded; no tensor outlives a call.
 */
export async function createPredictor(network: DenseNetwork): Promise<Predictor> {
  await ensureBackend();
  const features = network[0]!.inputs;
  const parameters = uploadParameters(network);
  const widest = Math.max(features, ...network.map(({ outputs }) => outputs));
  const partRows = Math.max(1, Math.floor(PART_ACTIVATIONS / widest));
  return {
    async predict(x, rows) {
      const predictions = new Float32Array(rows);
      for (let from = 0; from < rows; from += partRows) {
        const to = Math.min(rows, from + partRows);
        const part = tidy(() => {
          const input = tensor2d(x.subarray(from * features, to * features), [to - from, features]);
          return layerOutputs(network, parameters, input).at(-1)!;
        });
        try {
          predictions.set(await part.data<"float32">(), from);
        } finally {
          part.dispose();
        }
      }
      return predictions;
    },
    dispose() {
      dispose(parameters);
    },
  };
}

/** The predictions of one batch: as `createPredictor`, for a network that is used once. */
export async function predictNetwork(
  network: DenseNetwork,
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
