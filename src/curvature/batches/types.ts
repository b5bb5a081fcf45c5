/** The eigenvalues at both ends of the spectrum of a batch's Hessian. */
export interface BatchEigenvalues {
  /** The batch's number. */
  batch: number;
  least: number;
  /** ‖Hv − λv‖: an eigenvalue lies within this distance. */
  leastResidual: number;
  largest: number;
  largestResidual: number;
}
