import { isDense, parametersOf, withParameters } from "../../model/index.js";
import type { Network } from "../../model/index.js";

/** A network's numbers as vectors, layer by layer, a layer's bias after its weights: a point of weight space. */
export function vectorsOf(network: Network): Float32Array[] {
  return parametersOf(network).map(({ values }) => values);
}

/** A network of the same layers at another point of weight space. */
export function withVectors<N extends Network>(network: N, vectors: readonly Float32Array[]): N {
  // The same layers make the same kind of network.
  return withParameters(network, vectors) as N;
}

/** The network whose numbers are `change` of the numbers of two networks, computed in float64. */
export function combineNetworks<N extends Network>(
  one: N,
  other: Network,
  change: (one: number, other: number) => number,
): N {
  const others = vectorsOf(other);
  return withVectors(
    one,
    vectorsOf(one).map((vector, index) =>
      vector.map((value, at) => change(value, others[index]![at]!)),
    ),
  );
}

/** The point with the untrained weights (such as moving averages) of another. */
export function withUntrained<N extends Network>(point: N, other: Network): N {
  const others = vectorsOf(other);
  return withVectors(
    point,
    parametersOf(point).map(({ values, trainable }, index) =>
      trainable ? values : others[index]!,
    ),
  );
}

/** The direction with zeros for weights that are not trained. */
export function trainedOnly<N extends Network>(direction: N): N {
  return withVectors(
    direction,
    parametersOf(direction).map(({ values, trainable }) =>
      trainable ? values : new Float32Array(values.length),
    ),
  );
}

/** The scalar product of two points of weight space, in float64. */
export function dotProduct(one: Network, other: Network): number {
  const others = vectorsOf(other);
  let sum = 0;
  for (const [index, vector] of vectorsOf(one).entries()) {
    const along = others[index]!;
    for (let at = 0; at < vector.length; at++) sum += vector[at]! * along[at]!;
  }
  return sum;
}

/** The Euclidean length of a direction. */
export function normOf(direction: Network): number {
  return Math.sqrt(dotProduct(direction, direction));
}

/** Whether two networks have the same layers, so that there is a line between them. */
export function sameLayers(one: Network, other: Network): boolean {
  if (!isDense(one) || !isDense(other)) {
    return isDense(one) === isDense(other) && shapesOf(one) === shapesOf(other);
  }
  return (
    one.length === other.length &&
    one.every(({ inputs, outputs, activation, bias }, index) => {
      const layer = other[index]!;
      return (
        layer.inputs === inputs &&
        layer.outputs === outputs &&
        layer.activation === activation &&
        layer.bias?.length === bias?.length
      );
    })
  );
}

/** The shapes of the weights of a network of other than dense layers, to compare networks by. */
function shapesOf(network: Network): string {
  return JSON.stringify(parametersOf(network).map(({ shape, trainable }) => [shape, trainable]));
}
