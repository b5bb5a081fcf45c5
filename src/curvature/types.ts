import type { GivenOptions } from "../common/options/options.js";
import type { OnProgress } from "../common/progress.js";
import type { Dataset } from "../stream/index.js";
import type { Network } from "../model/index.js";
import type { curvatureOptions } from "./options.js";
import type { BatchEigenvalues } from "./batches/types.js";
import type { PathSharpness, SnapshotSharpness } from "./sharpness/types.js";
import type { SecondDifference } from "./certificate/second-difference.js";
import type { HessianPart } from "./products/types.js";

/** Which eigenvalues are found, over which rows, and where they are written. */
export interface CurvatureOptions extends Omit<GivenOptions<typeof curvatureOptions>, "dataset"> {
  /** The dataset, or its folder; default: where the run says it was, if the fingerprint still matches. */
  dataset?: Dataset | string;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** An eigenvalue of the Hessian. */
export interface HessianEigenvalue {
  eigenvalue: number;
  /** ‖Hv − λv‖: an eigenvalue lies within this distance. */
  residual: number;
  /** Whether the residual is at most the tolerance times |eigenvalue|, or 10⁻¹³ of the largest magnitude. */
  converged: boolean;
}

/** A mean over random vectors, or a number that is known. */
export interface Estimate {
  estimate: number;
  /** The standard error of the mean; 0 for a number that is known. */
  standardError: number;
}

/** curvature.json. */
export interface CurvatureRecord {
  formatVersion: 1;
  /** The run's folder, as a hint. */
  run: string;
  dataset: { path: string; fingerprint: string };
  /** Whether the loss is that of the target as the run standardised it. */
  standardized: boolean;
  part: HessianPart;
  batchSize: number;
  /** The numbers of the batches whose mean loss it is; null: all. */
  batches: number[] | null;
  rows: number;
  /** Weights and biases that are trained: the Hessian's size. */
  parameters: number;
  vectors: number;
  tolerance: number;
  seed: number;
  probes: number;
  /** Ascending. */
  least: HessianEigenvalue[];
  /** Descending. */
  largest: HessianEigenvalue[];
  /** The sum of all eigenvalues, by Hutchinson's estimator. */
  trace: Estimate;
  /** By stochastic Lanczos quadrature; null where no density was asked for. */
  negative: NegativeEigenvalues | null;
  /** What the kinks of ReLU add along the eigenvectors of the least and the largest eigenvalue; null where it was not asked for. */
  kinks: EigenvectorKinks[] | null;
  /** Over the batches, the range of the least and of the largest eigenvalues; null where they were not asked for. */
  perBatch: BatchRanges | null;
  /** What becomes of the largest eigenvalue over the training; null where it was not asked for. */
  alongPath: PathSharpness | null;
  /** Products with vectors, and passes over the rows: several products share a pass. */
  products: number;
  passes: number;
  /**
   * `matrix`: the whole Hessian of dense layers, float64; `kernel`: their products in WebAssembly, float64; `autodiff`:
   * products by TensorFlow.js, float32.
   */
  method: "matrix" | "kernel" | "autodiff";
  simd: "relaxed" | "fixed" | "none";
  /** Folders of the eigenvectors, within the result's: 1 the least eigenvalue's, −1 the largest's. */
  directions: string[];
  /** The same settings as a command line. */
  command: string;
  /** Wall-clock time; of a result that was resumed, of the last part. */
  seconds: number;
}

/** What kinks add to the second difference of the loss along an eigenvector, beside the eigenvalue. */
export interface EigenvectorKinks extends SecondDifference {
  /** 1: the least eigenvalue's eigenvector; −1: the largest's. */
  direction: number;
  /** The second difference is that of the losses at −radius, 0 and radius. */
  radius: number;
}

/** The eigenvalues of single batches, from the lowest to the highest batch. */
export interface BatchRanges {
  least: [number, number];
  largest: [number, number];
}

/** Eigenvalues below 0. */
export interface NegativeEigenvalues {
  /** How many of the Hessian's eigenvalues are negative. */
  count: Estimate;
  /** Their sum. */
  sum: Estimate;
}

/** The density of a spectrum: `density[i]` of all eigenvalues lie around `eigenvalues[i]`, per unit. */
export interface SpectralDensity {
  eigenvalues: Float64Array;
  /** Integrates to 1. */
  density: Float64Array;
  /** The standard deviation over the random vectors. */
  deviation: Float64Array;
}

/** A computed curvature in its folder. */
export interface CurvatureResult {
  /** The folder, absolute. */
  readonly dir: string;
  readonly record: CurvatureRecord;
  /** The unit eigenvector of the K-th least eigenvalue, K = 1, 2, …, or of the largest, K = −1, −2, …. */
  direction(k: number): Promise<Network>;
  /** Fails where no density was asked for. */
  density(): Promise<SpectralDensity>;
  /** The eigenvalues of each batch. Fails where they were not asked for. */
  perBatch(): Promise<BatchEigenvalues[]>;
  /** The largest eigenvalue at each snapshot of the training, in the order of the steps. Fails where it was not asked for. */
  alongPath(): Promise<SnapshotSharpness[]>;
}
