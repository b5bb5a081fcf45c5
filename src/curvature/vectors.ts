import { parametersOf, withParameters } from "../model/index.js";
import type { Network } from "../model/index.js";

/* Vectors of a Hessian: the numbers of a network that are trained, one array after the other. */

/** A network's trained numbers as one vector. */
export function vectorOf(network: Network): Float64Array {
  const trained = parametersOf(network).filter(({ trainable }) => trainable);
  const size = trained.reduce((sum, { values }) => sum + values.length, 0);
  const vector = new Float64Array(size);
  let at = 0;
  for (const { values } of trained) {
    vector.set(values, at);
    at += values.length;
  }
  return vector;
}

/** A vector as a direction: the same layers, with 0 in what is not trained. Rounded to float32. */
export function shapedAs<N extends Network>(network: N, vector: Float64Array): N {
  let at = 0;
  const parts = parametersOf(network).map(({ values: { length }, trainable }) => {
    if (!trainable) return new Float32Array(length);
    at += length;
    return Float32Array.from(vector.subarray(at - length, at));
  });
  // The same layers make the same kind of network.
  return withParameters(network, parts) as N;
}
