import type { Network } from "../../model/index.js";
import { extremeEigenpairs } from "../eigen/lanczos.js";
import type { HessianPart, HessianProducts } from "../products/types.js";
import type { SnapshotSharpness } from "./types.js";

/** Which snapshots, and how their largest eigenvalues are found. */
export interface PathInput {
  /** The snapshots in the order of their steps. */
  snapshots: AsyncIterable<{ step: number; network: Network }>;
  /** Gives the products with the Hessian at a snapshot. */
  open(network: Network): Promise<HessianProducts>;
  start: Float64Array;
  part: HessianPart;
  tolerance: number;
  products: number;
  memory: number;
}

/**
 * Finds the largest eigenvalue of the Hessian at each snapshot, one after the other. Each iteration begins with the
 * same vector, so that it does not depend on the snapshots before.
 *
 * @yields them in the order of the snapshots
 */
export async function* pathSharpness(
  input: PathInput,
): AsyncGenerator<Omit<SnapshotSharpness, "limit">, void, void> {
  const { snapshots, open, start, part, tolerance, products: most, memory } = input;
  for await (const { step, network } of snapshots) {
    const products = await open(network);
    const { rounding } = products;
    try {
      const { largest } = await extremeEigenpairs(
        (vectors) => products.times(vectors, part),
        start,
        { least: 0, largest: 1, tolerance, products: most, memory, rounding },
      );
      const { value, residual } = largest[0]!;
      yield { step, largest: value, residual };
    } finally {
      await products.dispose();
    }
  }
}
