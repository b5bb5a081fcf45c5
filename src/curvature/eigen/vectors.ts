/* Plain vector algebra in float64. */

/** The scalar product. */
export function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!;
  return sum;
}

/** The Euclidean length. */
export function lengthOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

/** The vector divided by its length. */
export function unit(vector: Float64Array): Float64Array {
  const length = lengthOf(vector);
  return vector.map((value) => value / length);
}

/** Adds a multiple of a vector to another one. */
export function addScaled(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let at = 0; at < target.length; at++) target[at]! += factor * vector[at]!;
}

/** A vector without its parts along an orthonormal basis; twice, since once leaves rounding. */
export function orthogonalTo(basis: readonly Float64Array[], vector: Float64Array): Float64Array {
  const left = vector.slice();
  for (let turn = 0; turn < 2; turn++) {
    for (const axis of basis) addScaled(left, -dot(axis, left), axis);
  }
  return left;
}

/** The sum of vectors, each times its weight. */
export function combined(
  vectors: readonly Float64Array[],
  weights: ArrayLike<number>,
): Float64Array {
  const sum = new Float64Array(vectors[0]!.length);
  for (const [index, vector] of vectors.entries()) addScaled(sum, weights[index]!, vector);
  return sum;
}
