// The whole Hessian of a ReLU network, by its formula, and all of its eigenvalues, by Householder's
// tridiagonal form and Sturm sequences: nothing of the library takes part.
import type { DenseNetwork } from "../../src/model/index.js";

/** A symmetric matrix, row-major. */
interface Symmetric {
  size: number;
  values: Float64Array;
}

/**
 * The Hessian of the mean of (f − y)² with f = w₃ᵀD₂W₂ᵀD₁W₁ᵀx, where D₁ and D₂ are 1 for units that are on:
 * (2/n) Σ (∇f∇fᵀ + (f − y)∇²f). f is linear in each layer's weights, so that ∇²f has blocks between layers only.
 */
export function wholeHessian(network: DenseNetwork, x: Float32Array, y: Float32Array): Symmetric {
  const [first, second, third] = network as [DenseNetwork[0], DenseNetwork[0], DenseNetwork[0]];
  const [features, m, k] = [first.inputs, first.outputs, second.outputs];
  const [begin2, begin3] = [features * m, features * m + m * k];
  const size = begin3 + k;
  const values = new Float64Array(size * size);
  const [a, b, back1, back2] = [m, k, m, k].map((count) => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const gradient = new Float64Array(size);
  const rows = y.length;
  for (let row = 0; row < rows; row++) {
    const input = x.subarray(row * features, (row + 1) * features);
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let i = 0; i < features; i++) sum += input[i]! * first.weights[i * m + j]!;
      a[j] = Math.max(0, sum);
    }
    let f = 0;
    for (let l = 0; l < k; l++) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += a[j]! * second.weights[j * k + l]!;
      b[l] = Math.max(0, sum);
      back2[l] = sum > 0 ? third.weights[l]! : 0;
      f += b[l]! * third.weights[l]!;
    }
    const residual = (2 * (f - y[row]!)) / rows;
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += second.weights[j * k + l]! * back2[l]!;
      back1[j] = a[j]! > 0 ? sum : 0;
    }
    for (let i = 0; i < features; i++) {
      for (let j = 0; j < m; j++) gradient[i * m + j] = input[i]! * back1[j]!;
    }
    for (let j = 0; j < m; j++) {
      for (let l = 0; l < k; l++) gradient[begin2 + j * k + l] = a[j]! * back2[l]!;
    }
    gradient.set(b, begin3);
    const on: number[] = [];
    for (const [at, value] of gradient.entries()) if (value !== 0) on.push(at);
    // The lower triangle.
    for (const [index, one] of on.entries()) {
      const scaled = (2 / rows) * gradient[one]!;
      for (let other = 0; other <= index; other++) {
        values[one * size + on[other]!]! += scaled * gradient[on[other]!]!;
      }
    }
    for (let j = 0; j < m; j++) {
      if (a[j] === 0) continue;
      for (let l = 0; l < k; l++) {
        const isOn = b[l]! > 0;
        if (!isOn) continue;
        const through = residual * second.weights[j * k + l]!;
        for (let i = 0; i < features; i++) {
          values[(begin2 + j * k + l) * size + i * m + j]! += residual * input[i]! * back2[l]!;
          values[(begin3 + l) * size + i * m + j]! += through * input[i]!;
        }
        values[(begin3 + l) * size + begin2 + j * k + l]! += residual * a[j]!;
      }
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) values[j * size + i] = values[i * size + j]!;
  }
  return { size, values };
}

/** Householder's tridiagonal form of a symmetric matrix, which it overwrites: diagonal and squared off-diagonal. */
function tridiagonal({ size, values }: Symmetric): {
  diagonal: Float64Array;
  squares: Float64Array;
} {
  const diagonal = new Float64Array(size);
  const squares = new Float64Array(size);
  const v = new Float64Array(size);
  const p = new Float64Array(size);
  for (let last = size - 1; last > 0; last--) {
    const row = values.subarray(last * size, last * size + last);
    diagonal[last] = values[last * size + last]!;
    const norm = Math.hypot(...row);
    squares[last] = norm * norm;
    if (norm === 0) continue;
    v.set(row);
    const alpha = row[last - 1]! > 0 ? -norm : norm;
    v[last - 1]! -= alpha;
    let length = 0;
    for (let i = 0; i < last; i++) length += v[i]! * v[i]!;
    const beta = 2 / length;
    // A − v·wᵀ − w·vᵀ with w = βAv − (β²/2)(vᵀAv)v, on the rows above.
    p.fill(0);
    for (let i = 0; i < last; i++) {
      const own = values.subarray(i * size, i * size + last);
      let sum = 0;
      for (let j = 0; j < last; j++) sum += own[j]! * v[j]!;
      p[i] = beta * sum;
    }
    let along = 0;
    for (let i = 0; i < last; i++) along += p[i]! * v[i]!;
    along *= beta / 2;
    for (let i = 0; i < last; i++) p[i]! -= along * v[i]!;
    for (let i = 0; i < last; i++) {
      const own = values.subarray(i * size, i * size + last);
      const [vi, pi] = [v[i]!, p[i]!];
      for (let j = 0; j < last; j++) own[j]! -= vi * p[j]! + pi * v[j]!;
    }
  }
  diagonal[0] = values[0]!;
  return { diagonal, squares };
}

/** Gives eigenvalues by their place in ascending order, by bisection. Overwrites the matrix. */
export function eigenvaluesOf(matrix: Symmetric): (place: number) => number {
  const { diagonal, squares } = tridiagonal(matrix);
  const { size } = matrix;
  const reach = diagonal.reduce(
    (most, value, i) =>
      Math.max(most, Math.abs(value) + Math.sqrt(squares[i]!) + Math.sqrt(squares[i + 1] ?? 0)),
    0,
  );
  /** How many eigenvalues lie below a number: the negative pivots of LDLᵀ. */
  const below = (value: number): number => {
    let count = 0;
    let pivot = 1;
    for (let i = 0; i < size; i++) {
      pivot = diagonal[i]! - value - (i === 0 ? 0 : squares[i]! / pivot);
      if (pivot === 0) pivot = -1e-300;
      if (pivot < 0) count++;
    }
    return count;
  };
  return (place) => {
    let [low, high] = [-reach, reach];
    for (let step = 0; step < 120 && high - low > 1e-16 * reach; step++) {
      const middle = (low + high) / 2;
      if (below(middle) > place) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  };
}
