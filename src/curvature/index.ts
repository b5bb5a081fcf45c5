/**
 * Curvature of the loss: eigenvalues of its Hessian, streamed.
 * Uses landscape, train, model, stream, storage, files and common.
 *
 * @module
 */
export type { BatchEigenvalues } from "./batches/types.js";
export type {
  BatchRanges,
  CurvatureOptions,
  CurvatureRecord,
  CurvatureResult,
  EigenvectorKinks,
  Estimate,
  HessianEigenvalue,
  NegativeEigenvalues,
  SpectralDensity,
} from "./types.js";
export type {
  PathSharpness,
  PathStability,
  SnapshotSharpness,
  StabilityFormula,
} from "./sharpness/types.js";
export type { Certificate, CertificateRecord, CertifyOptions } from "./certificate-types.js";
export type { CertifiedInterval, Verdict } from "./certificate/intervals.js";
export type { LossProfile } from "./certificate/loss-profile.js";
export type { SecondDifference } from "./certificate/second-difference.js";
export type { FallingKink, KinkCounts } from "./certificate/sweep.js";
export { certify } from "./certify.js";
export { openCertificate } from "./store/open-certificate.js";
export { curvature } from "./curvature.js";
export { eigenvaluesOfBatches, finishCurvature, groupSums, kinkSums, nextPass } from "./divided.js";
export { KINK_NUMBERS } from "./certificate/line-kinks.js";
export type { DividedJob, DividedRows, NeededKinks, NeededPass } from "./divided.js";
export { openCurvature } from "./store/open.js";
export type { HessianPart } from "./products/types.js";
export { leastCurvature } from "./least-curvature.js";
export type { Curvature } from "./least-curvature.js";
export type { LanczosLimits } from "./eigen/lanczos.js";
