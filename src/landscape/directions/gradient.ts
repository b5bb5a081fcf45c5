import { breather } from "../../common/pause.js";
import type { Dataset } from "../../stream/index.js";
import type { DenseNetwork } from "../../train/index.js";
import { addGradient, inFloat64 } from "../float64-network.js";
import { selectedBatches } from "../selected.js";
import { vectorsOf, withVectors } from "./weights.js";

/** Rows between two breaths. */
const partRows = 256;

/**
 * The gradient of the loss at a network, over the rows of the selected batches: a pass over them of
 * its own, in float64. At α = −η of the line along it lies one step of gradient descent with
 * learning rate η.
 */
export async function gradientDirection(
  network: DenseNetwork,
  dataset: Dataset,
  batches: readonly number[],
  batchSize: number,
  signal?: AbortSignal,
): Promise<DenseNetwork> {
  const exact = inFloat64(network);
  const sums = vectorsOf(network).map((vector) => new Float64Array(vector.length));
  const breathe = breather(signal);
  let rows = 0;
  for await (const batch of selectedBatches(dataset, batches, batchSize, signal)) {
    for (let from = 0; from < batch.rows; from += partRows) {
      addGradient(exact, batch, from, Math.min(batch.rows, from + partRows), sums);
      await breathe();
    }
    rows += batch.rows;
  }
  return withVectors(
    network,
    sums.map((sum) => Float32Array.from(sum, (value) => value / rows)),
  );
}
