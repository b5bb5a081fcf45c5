import { RANDOM_ROWS, randomNetwork } from "../landscape/index.js";
import type { DenseNetwork } from "../model/index.js";
import type { Batch } from "../stream/index.js";
import { extremeEigenpairs, type LanczosLimits } from "./eigen/lanczos.js";
import { denseProducts, partRowsOf } from "./products/dense-products.js";
import { flatNetwork } from "./products/kernel-products.js";
import { rowsInMemory } from "./products/row-source.js";
import { shapedAs } from "./vectors.js";

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
 * @returns the eigenvalue, its unit eigenvector and the residual
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
  const products = denseProducts(network, rowsInMemory(batch, partRowsOf(network)), {
    workers: 1,
    signal,
  });
  const start = flatNetwork(randomNetwork(network, seed, RANDOM_ROWS.first));
  const wanted = { ...limits, least: 1, largest: 0 };
  const found = await extremeEigenpairs((vectors) => products.times(vectors), start, wanted);
  const [least] = found.least;
  return {
    eigenvalue: least!.value,
    residual: least!.residual,
    converged: least!.converged,
    largest: found.ends.largest,
    steps: found.products,
    direction: shapedAs(network, least!.vector),
  };
}
