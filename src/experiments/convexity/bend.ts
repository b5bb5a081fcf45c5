import { leastCurvature, type Curvature } from "../../curvature/index.js";
import { combineNetworks } from "../../landscape/index.js";
import type { DenseNetwork } from "../../model/index.js";
import { roundingOf, witnessOf, type ProofRows, type Witness } from "./witness.js";

/** The least curvature of a model's loss, and three losses along its direction. */
export interface Bend {
  curvature: Omit<Curvature, "direction">;
  /** An upper bound of the float64 rounding error of the eigenvalue. */
  rounding: number;
  /** The sign of the eigenvalue; unknown if 0 lies within its residual and rounding. */
  sign: "negative" | "positive" | "unknown";
  rows: number;
  witness: Witness;
  /** The centre moved along the direction, by the length at which the middle of −1, 0 and 1 stands out most. */
  end: DenseNetwork;
}

/**
 * Finds the direction along which the loss bends downwards most, or upwards least.
 *
 * @param batch rows as the network was trained on
 */
export async function bendOf(
  network: DenseNetwork,
  batch: ProofRows,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Bend> {
  const { direction, ...curvature } = await leastCurvature(network, batch, seed, signal);
  let best: { witness: Witness; end: DenseNetwork } | undefined;
  for (let length = 1; length > 1e-4; length /= 2) {
    const end = combineNetworks(network, direction, (from, along) => from + length * along);
    const between = combineNetworks(network, end, (from, to) => to - from);
    const line = { centre: network, directions: [between] };
    const witness = await witnessOf(line, [-1, 0, 1], batch);
    if (best === undefined || witness.excess > best.witness.excess) best = { witness, end };
  }
  const { eigenvalue, residual, largest } = curvature;
  const rounding = roundingOf(batch.rows, Math.max(Math.abs(eigenvalue), Math.abs(largest)));
  const margin = residual + rounding;
  const sign = eigenvalue < -margin ? "negative" : eigenvalue > margin ? "positive" : "unknown";
  return { curvature, rounding, sign, rows: batch.rows, ...best! };
}
