/**
 * Training: a model on a streamed dataset, its run on disk, and networks as tfjs models.
 *
 * @module
 */
export type * from "./types.js";
export { autodiffGradients } from "./engine/autodiff.js";
export { evaluate, measureBatches, predict } from "./evaluation/evaluate.js";
export type { PredictOptions } from "./evaluation/evaluate.js";
export { evaluationOf } from "./evaluation/loss-and-r-squared.js";
export type { ErrorSums, Evaluation } from "./evaluation/loss-and-r-squared.js";
export { writePredictions } from "./evaluation/write-predictions.js";
export type { WrittenPredictions } from "./evaluation/write-predictions.js";
export { exportWeights } from "./run/export-weights.js";
export type { ExportedWeights } from "./run/export-weights.js";
export { listRuns } from "./run/list-runs.js";
export type { FoundRun } from "./run/list-runs.js";
export { openForRun } from "./evaluation/open-for-run.js";
export type { RowsForRun } from "./evaluation/open-for-run.js";
export { rowsOfRun } from "./evaluation/rows-of-run.js";
export type { RunRows } from "./evaluation/rows-of-run.js";
export { openRun } from "./run/open-run.js";
export type { OptimizerName, ScheduleName } from "./options.js";
export { learningRateAt } from "./schedule.js";
export { checkSnapshot, snapshotSteps } from "./run/path-snapshots.js";
export { train } from "./train.js";
