import type { DenseNetwork } from "../../train/index.js";

/** All of a network's numbers as vectors, layer by layer, a layer's bias after its weights: a point of weight space. */
export function vectorsOf(network: DenseNetwork): Float32Array[] {
  return network.flatMap(({ weights, bias }) => (bias === undefined ? [weights] : [weights, bias]));
}

/** A network of the same layers at another point of weight space. */
export function withVectors(network: DenseNetwork, vectors: readonly Float32Array[]): DenseNetwork {
  let next = 0;
  return network.map((layer) => ({
    ...layer,
    weights: vectors[next++]!,
    ...(layer.bias === undefined ? {} : { bias: vectors[next++]! }),
  }));
}

/** The point that `change` makes of each number of two networks with the same layers, in float64. */
export function combineNetworks(
  one: DenseNetwork,
  other: DenseNetwork,
  change: (one: number, other: number) => number,
): DenseNetwork {
  const others = vectorsOf(other);
  return withVectors(
    one,
    vectorsOf(one).map((vector, index) =>
      vector.map((value, at) => change(value, others[index]![at]!)),
    ),
  );
}

/** The scalar product of two points of weight space, in float64. */
export function dotProduct(one: DenseNetwork, other: DenseNetwork): number {
  const others = vectorsOf(other);
  let sum = 0;
  for (const [index, vector] of vectorsOf(one).entries()) {
    const along = others[index]!;
    for (let at = 0; at < vector.length; at++) sum += vector[at]! * along[at]!;
  }
  return sum;
}

/** The Euclidean length of a direction. */
export function normOf(direction: DenseNetwork): number {
  return Math.sqrt(dotProduct(direction, direction));
}

/** Whether two networks have the same layers, so that a line leads from one to the other. */
export function sameLayers(one: DenseNetwork, other: DenseNetwork): boolean {
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
