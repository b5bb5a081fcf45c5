import { dispose } from "@tensorflow/tfjs-core";
import { createPause } from "../../common/pause.js";
import { isDense, parametersOf, toLayersModel } from "../../model/index.js";
import { autodiffGradients } from "../../train/index.js";
import type { DenseNetwork, LayersNetwork, Network } from "../../model/index.js";
import type { RunRows } from "../../train/index.js";
import { addGradient, inFloat64 } from "../exact/network.js";
import { readBatches } from "../points/read-batches.js";
import { vectorsOf, withVectors } from "./weights.js";

/** Rows between two pauses. */
const PART_ROWS = 256;
/** Rows of which TensorFlow.js computes the gradient at once. */
const TENSOR_ROWS = 4096;

/** Adds gradients of the sum of squared errors to sums: one array for each of the network's vectors. */
interface GradientSums {
  add(rows: { x: Float32Array; y: Float32Array; rows: number }): Promise<void>;
  dispose(): void;
}

/**
 * The gradient of the loss over the rows of the selected batches, which takes a pass over them. On the
 * line along it, α = −η is one step of gradient descent with learning rate η. For dense layers it is
 * computed in float64. For other models TensorFlow.js computes the gradients of parts of the rows in
 * float32, with layers such as dropout as in prediction, and they are added in float64.
 */
export async function gradientDirection<N extends Network>(
  network: N,
  dataset: Pick<RunRows, "batches">,
  batches: readonly number[],
  batchSize: number,
  signal?: AbortSignal,
): Promise<N> {
  const sums = vectorsOf(network).map((vector) => new Float64Array(vector.length));
  const gradient = isDense(network)
    ? denseSums(network, sums, createPause(signal))
    : await layersSums(network, sums, createPause(signal));
  let rows = 0;
  try {
    for await (const batch of readBatches(dataset, batches, batchSize, signal)) {
      await gradient.add(batch);
      rows += batch.rows;
    }
  } finally {
    gradient.dispose();
  }
  return withVectors(
    network,
    sums.map((sum) => Float32Array.from(sum, (value) => value / rows)),
  );
}

function denseSums(
  network: DenseNetwork,
  sums: readonly Float64Array[],
  pause: () => Promise<void>,
): GradientSums {
  const exact = inFloat64(network);
  return {
    async add(batch) {
      for (let from = 0; from < batch.rows; from += PART_ROWS) {
        addGradient(exact, batch, from, Math.min(batch.rows, from + PART_ROWS), sums);
        await pause();
      }
    },
    dispose() {},
  };
}

async function layersSums(
  network: LayersNetwork,
  sums: readonly Float64Array[],
  pause: () => Promise<void>,
): Promise<GradientSums> {
  const source = autodiffGradients(await toLayersModel(network), undefined);
  const trained = parametersOf(network).filter(({ trainable }) => trainable).length;
  return {
    async add({ x, y, rows }) {
      for (let from = 0; from < rows; from += TENSOR_ROWS) {
        const to = Math.min(rows, from + TENSOR_ROWS);
        const part = {
          x: x.subarray(from * network.features, to * network.features),
          y: y.subarray(from, to),
          rows: to - from,
        };
        const found = source.gradients(part, 1);
        try {
          for (const [index, sum] of sums.slice(0, trained).entries()) {
            const values = await found.gradients[index]!.data<"float32">();
            for (let at = 0; at < sum.length; at++) sum[at]! += part.rows * values[at]!;
          }
        } finally {
          dispose([found.residuals, ...found.gradients]);
        }
        await pause();
      }
    },
    dispose: () => source.dispose(),
  };
}
