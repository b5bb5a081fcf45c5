import type { DenseNetwork } from "../../model/index.js";

/**
 * Which part of the Hessian: (2/n)Σ∇f∇fᵀ (`gauss-newton`), which is positive semidefinite,
 * (2/n)Σ(f − y)∇²f (`residual`), from which all negative curvature comes, or their sum (`all`).
 */
export type HessianPart = "gauss-newton" | "residual" | "all";

/** Some rows in memory that threads share. */
export interface RowPart {
  /** rows × features. */
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

/** Products of vectors with the Hessian of the mean squared error of some rows. */
export interface HessianProducts {
  /** The numbers of a vector: the weights and biases that are trained. */
  readonly size: number;
  /**
   * `matrix`: the whole Hessian of dense layers, assembled in one pass, float64; `kernel`: a pass a product,
   * float64; `autodiff`: TensorFlow.js, float32.
   */
  readonly method: "matrix" | "kernel" | "autodiff";
  /** A product's rounding error, roughly, as a fraction of the largest magnitude of an eigenvalue. */
  readonly rounding: number;
  /** The instructions of the kernel. */
  readonly simd: "relaxed" | "fixed" | "none";
  /**
   * The Hessian's products with vectors, in one pass over the rows. The same to the bit for any number of
   * threads.
   *
   * @throws a failure where they have values that are not finite numbers
   */
  times(vectors: readonly Float64Array[], part?: HessianPart): Promise<Float64Array[]>;
  /** The Hessian's diagonal, where the whole matrix is there. */
  diagonal?(): Promise<Float64Array>;
  dispose(): Promise<void>;
}

/** What a thread needs to know for the products of a part of the rows. */
export interface ProductTask {
  /** Identifies the network within its process. */
  id: number;
  network: DenseNetwork;
  /** Identifies the vectors within its process. */
  pass: number;
  /** Vectors one after the other. */
  vectors: Float64Array;
  part: HessianPart;
  rows: RowPart;
}
