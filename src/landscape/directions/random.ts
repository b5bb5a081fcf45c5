import { randomNormals, STREAMS } from "../../generate/index.js";
import { parametersOf } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import { withVectors } from "./weights.js";

/**
 * The rows of the random stream of directions at which each random point begins: the l-th weight array
 * of a point is drawn from row `first` + l.
 */
export const RANDOM_ROWS = { first: 0, secondPoint: 1000, secondDirection: 2000 } as const;

/**
 * A random point of weight space: scale·N(0,1) in every weight that is trained, 0 in others. It depends
 * on the seed and the layers' shapes alone.
 */
export function randomNetwork<N extends Network>(
  shape: N,
  seed: number,
  firstRow: number,
  scale = 1,
): N {
  return withVectors(
    shape,
    parametersOf(shape).map(({ values: { length }, trainable }, index) =>
      trainable
        ? randomNormals(seed, STREAMS.direction, firstRow + index, length).map(
            (value) => scale * value,
          )
        : new Float32Array(length),
    ),
  );
}
