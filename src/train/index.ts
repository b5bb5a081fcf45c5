/**
 * Training: a model on a streamed dataset, its run on disk, and networks as tfjs models.
 *
 * @module
 */
export type * from "./types.js";
export { ACTIVATIONS } from "./activation.js";
export type { ActivationRule } from "./activation.js";
export { BACKEND_NAMES, chooseBackend, currentBackend } from "./backend.js";
export { installBackend, removeBackend } from "./backends/install.js";
export type { InstallOptions } from "./backends/install.js";
export { listBackends } from "./backends/probe.js";
export type {
  BackendStatus,
  ChosenBackend,
  InstallName,
  StartedBackend,
} from "./backends/types.js";
export { autodiffGradients } from "./autodiff.js";
export { createForward, createPredictor, predictNetwork } from "./forward.js";
export type { Forward, Predictor } from "./forward.js";
export type { GradientSource } from "./gradients.js";
export { toLayersModel } from "./layers-network.js";
export { modelToNetwork, networkToModel } from "./layers-model.js";
export { loadModel, loadNetwork, saveNetwork } from "./model-files.js";
export {
  countWeights,
  featuresOf,
  initialNetwork,
  isDense,
  layerWidths,
  parametersOf,
  parseInit,
  widthsOf,
  withParameters,
} from "./network.js";
export type { Init, Parameter } from "./network.js";
export { evaluate, predict } from "./predict.js";
export type { PredictOptions } from "./predict.js";
export type { Evaluation } from "./measure.js";
export { writePredictions } from "./write-predictions.js";
export type { WrittenPredictions } from "./write-predictions.js";
export { exportWeights } from "./export-weights.js";
export type { ExportedWeights } from "./export-weights.js";
export { listRuns } from "./list-runs.js";
export type { FoundRun } from "./list-runs.js";
export { rowsOfRun } from "./rows-of-run.js";
export type { RunRows } from "./rows-of-run.js";
export { openRun } from "./run-folder.js";
export { learningRateAt } from "./schedule.js";
export { train } from "./train.js";
