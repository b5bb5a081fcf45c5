import { dispose } from "@tensorflow/tfjs-core";
import { breather } from "../../common/pause.js";
import { isDense, parametersOf, toLayersModel } from "../../model/index.js";
import { autodiffGradients } from "../../train/index.js";
import type { DenseNetwork, LayersNetwork, Network } from "../../model/index.js";
import type { RunRows } from "../../train/index.js";
import { addGradient, inFloat64 } from "../exact/network.js";
import { selectedBatches } from "../points/selected.js";
import { vectorsOf, withVectors } from "./weights.js";

/** Rows between two breaths. */
const partRows = 256;
/** Rows of which a tfjs model's gradient is taken at once. */
const tensorRows = 4096;

/** Adds the gradient of the sum of squared errors of rows to sums, one array for each of a network's vectors. */
interface GradientSums {
  add(rows: { x: Float32Array; y: Float32Array; rows: number }): Promise<void>;
  dispose(): void;
}

/**
 * The gradient of the loss at a network, over the rows of the selected batches: a pass over them of
 * its own. At α = −η of the line along it lies one step of gradient descent with learning rate η.
 * Of dense layers it is computed in float64; of another model by tfjs's differentiation in float32,
 * with float64 sums over parts of the rows, of the model as it predicts.
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
    ? denseSums(network, sums, breather(signal))
    : await layersSums(network, sums, breather(signal));
  let rows = 0;
  try {
    for await (const batch of selectedBatches(dataset, batches, batchSize, signal)) {
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
  breathe: () => Promise<void>,
): GradientSums {
  const exact = inFloat64(network);
  return {
    async add(batch) {
      for (let from = 0; from < batch.rows; from += partRows) {
        addGradient(exact, batch, from, Math.min(batch.rows, from + partRows), sums);
        await breathe();
      }
    },
    dispose() {},
  };
}

async function layersSums(
  network: LayersNetwork,
  sums: readonly Float64Array[],
  breathe: () => Promise<void>,
): Promise<GradientSums> {
  const source = autodiffGradients(await toLayersModel(network), undefined);
  const trained = parametersOf(network).filter(({ trainable }) => trainable).length;
  return {
    async add({ x, y, rows }) {
      for (let from = 0; from < rows; from += tensorRows) {
        const to = Math.min(rows, from + tensorRows);
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
        await breathe();
      }
    },
    dispose: () => source.dispose(),
  };
}
