import type { CurvatureResult } from "../../curvature/index.js";
import { combineNetworks } from "../../landscape/index.js";
import type { DenseNetwork } from "../../model/index.js";
import type { ProofRows } from "./bounded-loss.js";
import { witnessOf, type Witness } from "./witness.js";

/** The least curvature of a model's loss, and three losses along its direction. */
export interface Bend {
  eigenvalue: number;
  /** ‖Hv − λv‖: an eigenvalue lies within this distance of `eigenvalue`. */
  residual: number;
  converged: boolean;
  largest: number;
  /** Hessian–vector products. */
  steps: number;
  /** The sign of the eigenvalue; unknown if 0 lies within its residual. */
  sign: "negative" | "positive" | "unknown";
  rows: number;
  witness: Witness;
  /** Rows of the witness. */
  witnessRows: number;
  /** The centre moved along the direction, by the length at which the middle of −1, 0 and 1 stands out most. */
  end: DenseNetwork;
}

/**
 * The least curvature, and three losses of some rows along its direction.
 *
 * @param batch rows as the network was trained on
 */
export async function bendOf(
  network: DenseNetwork,
  { record, direction }: CurvatureResult,
  batch: ProofRows,
  signal: AbortSignal | undefined,
): Promise<Bend> {
  // The direction has the network's layers.
  const along = (await direction(1)) as DenseNetwork;
  let best: { witness: Witness; end: DenseNetwork } | undefined;
  for (let length = 1; length > 1e-4; length /= 2) {
    const end = combineNetworks(network, along, (from, step) => from + length * step);
    const between = combineNetworks(network, end, (from, to) => to - from);
    const line = { centre: network, directions: [between] };
    const witness = await witnessOf(line, [-1, 0, 1], batch, signal);
    if (best === undefined || witness.excess > best.witness.excess) best = { witness, end };
  }
  const [{ eigenvalue, residual, converged }] = record.least as [(typeof record.least)[number]];
  // Rounding is far below the residual, or 10⁻¹³ of the largest magnitude.
  const margin = residual + 1e-13 * Math.abs(record.largest[0]!.eigenvalue);
  return {
    eigenvalue,
    residual,
    converged,
    largest: record.largest[0]!.eigenvalue,
    steps: record.products,
    sign: eigenvalue < -margin ? "negative" : eigenvalue > margin ? "positive" : "unknown",
    rows: record.rows,
    witnessRows: batch.rows,
    ...best!,
  };
}
