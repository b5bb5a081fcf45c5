/**
 * vadi: generate, shuffle and stream regression tables larger than memory into TensorFlow.js, and
 * draw the loss landscape that SGD walked through. This is the whole public API: what it does not
 * export may change.
 *
 * @module
 */
import { writeDataset, type GenerateSpec, type WriteOptions } from "./storage/index.js";
import { openDataset, type Dataset } from "./stream/index.js";

export { VadiError } from "./common/errors.js";
export type { ErrorKind } from "./common/errors.js";
export type { OnProgress, Progress } from "./common/progress.js";
export { VERSION } from "./common/version.js";

export { DATASET_KINDS } from "./generate/options.js";
export type { DatasetKind } from "./generate/index.js";
export {
  convert,
  planConversion,
  findMaximum,
  joinDatasets,
  verifyDataset,
  writeDataset,
  writePart,
} from "./storage/index.js";
export type {
  ConvertedDataset,
  ConversionPlan,
  ConvertOptions,
  ForeignDescription,
  FoundMaxima,
  GenerateSpec,
  Manifest,
  MaximumSpec,
  PartSpec,
  PlanOptions,
  ShardEntry,
  ShardStatus,
  SourceOptions,
  VerifyOptions,
  VerifyResult,
  WriteOptions,
  WrittenDataset,
  WrittenPart,
} from "./storage/index.js";
export { filterRows, openDataset, standardizationOf } from "./stream/index.js";
export type {
  Batch,
  BatchLoader,
  BatchOptions,
  BatchStream,
  ColumnScaling,
  ColumnStatistics,
  Dataset,
  LoaderState,
  ShuffleMode,
  SplitOptions,
  Standardization,
  Statistics,
  StatisticsOptions,
} from "./stream/index.js";
export { installBackend, listBackends, removeBackend } from "./backend/index.js";
export {
  evaluate,
  exportWeights,
  listRuns,
  openRun,
  predict,
  rowsOfRun,
  train,
  writePredictions,
} from "./train/index.js";
export type {
  DenseLayer,
  DenseNetwork,
  LayersNetwork,
  LayersWeight,
  Network,
} from "./model/index.js";
export type { BackendName, BackendStatus, InstallName, InstallOptions } from "./backend/index.js";
export type {
  HistoryRow,
  Evaluation,
  ExportedWeights,
  FoundRun,
  OptimizerName,
  PredictOptions,
  Run,
  RunRecord,
  RunResult,
  RunRows,
  TrainOptions,
  ValidationResult,
  WrittenPredictions,
} from "./train/index.js";
export { landscape, leastCurvature, mergeLandscapes, openLandscape } from "./landscape/index.js";
export type {
  Along,
  Curvature,
  LanczosLimits,
  Landscape,
  LandscapeOptions,
  LandscapePath,
  LandscapeRecord,
  MergeOptions,
  Surface,
  SliceCurve,
  SliceSummaryRow,
} from "./landscape/index.js";
export { report, watch } from "./report/index.js";
export type { ReportFormat, ReportOptions, Watching, WatchOptions } from "./report/index.js";
export { experiments, runDemo, runExperiment } from "./experiments/index.js";
export type { Experiment, ExperimentOptions, ExperimentResult } from "./experiments/index.js";

/**
 * Writes a synthetic dataset to a folder and opens it. `writeDataset` does the same and returns
 * what it wrote, with warnings about the data.
 *
 * @throws {VadiError} A usage error for a spec that cannot be, a failure where the folder is taken
 *   or cannot be written, an interruption once the signal is aborted.
 */
export async function generate(spec: GenerateSpec, options: WriteOptions = {}): Promise<Dataset> {
  const { path } = await writeDataset(spec, options);
  return openDataset(path);
}
