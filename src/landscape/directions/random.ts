import { randomNormals, STREAMS } from "../../generate/index.js";
import type { DenseNetwork } from "../../train/index.js";
import { vectorsOf, withVectors } from "./weights.js";

/**
 * Where in the directions' random stream the layers of each random point begin: a point's l-th
 * vector of weights is row `first` + l.
 */
export const RANDOM_ROWS = { first: 0, secondPoint: 1000, secondDirection: 2000 } as const;

/**
 * A random point of weight space: scale·N(0,1) in every weight, a function of the seed and the
 * layers' shapes alone.
 */
export function randomNetwork(
  shape: DenseNetwork,
  seed: number,
  firstRow: number,
  scale = 1,
): DenseNetwork {
  return withVectors(
    shape,
    vectorsOf(shape).map((vector, index) =>
      randomNormals(seed, STREAMS.direction, firstRow + index, vector.length).map(
        (value) => scale * value,
      ),
    ),
  );
}
