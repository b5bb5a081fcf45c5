import type { DenseNetwork } from "../../model/index.js";
import { extremeEigenpairs } from "../eigen/lanczos.js";
import { denseProducts, productThreads } from "../products/dense-products.js";
import type { RowSource } from "../products/row-source.js";
import type { HessianPart } from "../products/types.js";
import type { SnapshotSharpness } from "./types.js";

/** Which snapshots, and how their largest eigenvalues are found. */
export interface PathInput {
  /** The snapshots in the order of their steps. */
  snapshots: AsyncIterable<{ step: number; network: DenseNetwork }>;
  source: RowSource;
  start: Float64Array;
  part: HessianPart;
  tolerance: number;
  products: number;
  memory: number;
  workers: number;
  signal: AbortSignal | undefined;
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
  const { snapshots, source, start, part, tolerance, products: most, memory } = input;
  const { workers, signal } = input;
  const threads = productThreads(workers);
  try {
    for await (const { step, network } of snapshots) {
      const products = denseProducts(network, source, { workers, signal, threads });
      const { largest } = await extremeEigenpairs(
        (vectors) => products.times(vectors, part),
        start,
        { least: 0, largest: 1, tolerance, products: most, memory },
      );
      const { value, residual } = largest[0]!;
      yield { step, largest: value, residual };
    }
  } finally {
    await threads.close();
  }
}
