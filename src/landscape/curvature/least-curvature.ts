import { failure } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import type { Batch } from "../../stream/index.js";
import type { DenseNetwork } from "../../model/index.js";
import { RANDOM_ROWS, randomNetwork } from "../directions/random.js";
import { vectorsOf, withVectors } from "../directions/weights.js";
import { inFloat64 } from "../exact/network.js";
import type { Float64Network } from "../exact/network.js";
import { addHessianProduct } from "./hessian.js";
import { leastEigenpair } from "./lanczos.js";
import type { LanczosLimits } from "./lanczos.js";

/** Rows between two pauses. */
const PART_ROWS = 64;

/** The least eigenvalue of a loss's Hessian, and its eigenvector. */
export interface Curvature {
  /** vᵀHv of the unit vector v: the loss at W + tv is L + t·∇Lᵀv + t²/2·eigenvalue + … */
  eigenvalue: number;
  /** ‖Hv − eigenvalue·v‖: an eigenvalue of H lies within this distance of `eigenvalue`. */
  residual: number;
  /**
   * Whether the residual is at most 10⁻³ of |eigenvalue|, or 10⁻¹³ of the largest magnitude of an
   * eigenvalue. Where it is not, the least eigenvalue may lie below `eigenvalue` by more than that.
   */
  converged: boolean;
  /** The largest eigenvalue's estimate by the same iteration, from below. */
  largest: number;
  /** Products with the Hessian that it took. */
  steps: number;
  /** v, of length 1: weights, and biases where there are any. */
  direction: DenseNetwork;
}

/**
 * The least eigenvalue of the Hessian of the mean squared error of some rows, by the Lanczos
 * iteration on exact Hessian–vector products, all in float64. If it is negative by more than its
 * residual, the loss is not convex. The iteration ends when it has converged, or after 2000 products, or
 * at the `limits`. Its basis has at most 1000 vectors and 256 MiB, and is restarted when it is full.
 *
 * The loss of a ReLU network has kinks where a unit switches on or off for a row, and no Hessian there.
 * This is the Hessian of the smooth region between kinks in which the weights lie.
 *
 * @param batch rows as the network was trained on: of a run those of `rowsOfRun`
 * @param seed of the random direction with which the iteration starts
 * @throws an interruption once `signal` is aborted; a failure where the Hessian has values that are
 *   not finite numbers
 */
export async function leastCurvature(
  network: DenseNetwork,
  batch: Pick<Batch, "x" | "y" | "rows">,
  seed: number,
  signal?: AbortSignal,
  limits: LanczosLimits = {},
): Promise<Curvature> {
  const exact = inFloat64(network);
  const lengths = vectorsOf(network).map(({ length }) => length);
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const pause = createPause(signal);

  async function times(vector: Float64Array): Promise<Float64Array> {
    const product = new Float64Array(size);
    const parts = split(product, lengths);
    const direction = shapedAs(exact, split(vector, lengths));
    for (let from = 0; from < batch.rows; from += PART_ROWS) {
      const to = Math.min(batch.rows, from + PART_ROWS);
      addHessianProduct(exact, direction, batch, from, to, parts);
      await pause();
    }
    if (!product.every(Number.isFinite)) {
      throw failure(
        "The loss's Hessian has values that are not finite numbers; its least eigenvalue needs weights and rows that are finite, and not too large.",
      );
    }
    return product.map((value) => value / batch.rows);
  }

  const start = joined(vectorsOf(randomNetwork(network, seed, RANDOM_ROWS.first)), size);
  const found = await leastEigenpair(times, start, limits);
  const direction = split(found.vector, lengths).map((part) => Float32Array.from(part));
  return {
    eigenvalue: found.value,
    residual: found.residual,
    converged: found.converged,
    largest: found.largest,
    steps: found.products,
    direction: withVectors(network, direction),
  };
}

function joined(parts: readonly Float32Array[], size: number): Float64Array {
  const whole = new Float64Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Views of the parts of a vector. */
function split(vector: Float64Array, lengths: readonly number[]): Float64Array[] {
  let end = 0;
  return lengths.map((length) => vector.subarray(end, (end += length)));
}

/** The network's layers with other numbers. */
function shapedAs(network: Float64Network, vectors: readonly Float64Array[]): Float64Network {
  let next = 0;
  return network.map((layer) => ({
    ...layer,
    weights: vectors[next++]!,
    ...(layer.bias === undefined ? {} : { bias: vectors[next++]! }),
  }));
}
