/**
 * vadi: generate, shuffle and stream regression tables larger than memory into TensorFlow.js, and
 * draw the loss landscape that SGD walked through. This is the whole public API: what it does not
 * export may change.
 *
 * @module
 */
import {
  writeDataset,
  writeRows,
  type GenerateSpec,
  type Rows,
  type RowsOptions,
  type WriteOptions,
} from "./storage/index.js";
import {
  openDataset as open,
  startReading,
  type Dataset,
  type OpenOptions,
} from "./stream/index.js";
import { lazily, lazyStream } from "./common/lazy.js";
import type { predict as Predict } from "./train/index.js";

export { rowsOfRun } from "./train/evaluation/rows-of-run.js";
export { VadiError } from "./common/errors.js";
export type { ErrorKind } from "./common/errors.js";
export type { OnProgress, Progress } from "./common/progress.js";
export { VERSION } from "./common/version.js";

export { DATASET_KINDS } from "./generate/options.js";
export type { DatasetKind } from "./generate/index.js";
export {
  convert,
  describeTable,
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
  DescribedColumn,
  DescribeOptions,
  ForeignDescription,
  FoundMaxima,
  GenerateSpec,
  JoinOptions,
  Manifest,
  MaximumSpec,
  PartSpec,
  PlanOptions,
  Rows,
  RowsOptions,
  ShardEntry,
  ShardStatus,
  SourceOptions,
  TableDescription,
  VerifyOptions,
  VerifyResult,
  WriteOptions,
  WrittenDataset,
  WrittenPart,
} from "./storage/index.js";
export { filterRows, standardizationOf } from "./stream/index.js";
export type {
  ArrowStream,
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
  TensorFactory,
  TfData,
  TfDataOptions,
} from "./stream/index.js";
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
  PredictionSample,
  Run,
  RunRecord,
  RunResult,
  RowsForRun,
  RunRows,
  TrainOptions,
  ValidationMeasure,
  ValidationResult,
  WrittenPredictions,
} from "./train/index.js";
export type {
  Certificate,
  CertificateRecord,
  CertifiedInterval,
  CertifyOptions,
  Curvature,
  CurvatureOptions,
  CurvatureRecord,
  CurvatureResult,
  Estimate,
  FallingKink,
  HessianEigenvalue,
  HessianPart,
  KinkCounts,
  LanczosLimits,
  NegativeEigenvalues,
  PathSharpness,
  PathStability,
  SnapshotSharpness,
  SpectralDensity,
  StabilityFormula,
  Verdict,
} from "./curvature/index.js";
export type {
  Along,
  Landscape,
  LandscapeOptions,
  LandscapePath,
  LandscapeRecord,
  MergeOptions,
  Surface,
  SliceCurve,
  SliceSummaryRow,
} from "./landscape/index.js";
export type {
  MergedTasks,
  MergeTasksOptions,
  PlanTasksOptions,
  RunTaskOptions,
  Task,
  TaskJob,
  TaskKind,
  TaskLine,
  TaskResult,
} from "./tasks/index.js";
export type { ReportFormat, ReportOptions, Watching, WatchOptions } from "./report/index.js";
export type {
  CourseOptions,
  CourseResult,
  Experiment,
  ExperimentOptions,
  ExperimentResult,
} from "./experiments/index.js";

/**
 * Opens a dataset's folder, its `s3://` or `https://` address, or a table of another program: Parquet or Arrow files,
 * folders of them, glob patterns, or a list of these. The threads that will read its rows start meanwhile.
 * Other tables, such as CSV, are converted first: see `convert`.
 *
 * @throws {VadiError} A failure that names the folder, manifest field, shard or file where there is no complete
 *   dataset or table; a usage error for a target or features that it does not have.
 */
export async function openDataset(
  source: string | readonly string[],
  options: OpenOptions = {},
): Promise<Dataset> {
  startReading();
  return open(source, options);
}

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

/**
 * Writes a program's rows as a dataset and opens it: objects (one per row, its properties the columns), `{ x, y }`
 * batches (x row-major), or Arrow record batches, from an iterable, an async iterable, a Node stream or an Arrow
 * table. The source is asked for more only as fast as rows are written; memory does not grow with them. Every
 * value is checked: numbers, bigints and booleans that float32 can hold. The folder becomes a dataset only when it
 * is complete. With `resume`, an interrupted job continues.
 *
 * @param rows The rows, or a function that gives those after the first `from`, which are on disk already. Without a
 *   function, `resume` needs all rows again, from the first on.
 * @throws {VadiError} A usage error for wrong options or columns; a failure that names the column and the row of an
 *   invalid value, or where the source fails; an interruption once the signal is aborted.
 */
export async function createDataset(
  rows: Rows | ((from: number) => Rows | Promise<Rows>),
  options: RowsOptions,
): Promise<Dataset> {
  const { path, warnings } = await writeRows(rows, options);
  const dataset = await openDataset(path);
  return { ...dataset, warnings: [...warnings, ...dataset.warnings] };
}

/*
 * What trains, measures and draws is loaded at its first call, TensorFlow.js with it: a program that only
 * reads batches starts sooner, and has less memory to collect.
 */

const backends = () => import("./backend/index.js");
const training = () => import("./train/index.js");
const landscapes = () => import("./landscape/index.js");
const curvatures = () => import("./curvature/index.js");
const tasks = () => import("./tasks/index.js");
const reports = () => import("./report/index.js");
const notebook = () => import("./experiments/index.js");

export const installBackend = lazily(async () => (await backends()).installBackend);
export const listBackends = lazily(async () => (await backends()).listBackends);
export const removeBackend = lazily(async () => (await backends()).removeBackend);
export const evaluate = lazily(async () => (await training()).evaluate);
export const exportWeights = lazily(async () => (await training()).exportWeights);
export const listRuns = lazily(async () => (await training()).listRuns);
export const openForRun = lazily(async () => (await training()).openForRun);
export const openRun = lazily(async () => (await training()).openRun);
export const train = lazily(async () => (await training()).train);
export const writePredictions = lazily(async () => (await training()).writePredictions);
export const predict = lazyStream(async () => (await training()).predict) as typeof Predict;
export const landscape = lazily(async () => (await landscapes()).landscape);
export const mergeLandscapes = lazily(async () => (await landscapes()).mergeLandscapes);
export const openLandscape = lazily(async () => (await landscapes()).openLandscape);
export const curvature = lazily(async () => (await curvatures()).curvature);
export const certify = lazily(async () => (await curvatures()).certify);
export const openCertificate = lazily(async () => (await curvatures()).openCertificate);
export const leastCurvature = lazily(async () => (await curvatures()).leastCurvature);
export const openCurvature = lazily(async () => (await curvatures()).openCurvature);
export const mergeTasks = lazily(async () => (await tasks()).mergeTasks);
export const discardTasks = lazily(async () => (await tasks()).discardTasks);
export const planTasks = lazily(async () => (await tasks()).planTasks);
export const runTask = lazily(async () => (await tasks()).runTask);
export const runTasks = lazyStream(async () => (await tasks()).runTasks);
export const report = lazily(async () => (await reports()).report);
export const watch = lazily(async () => (await reports()).watch);
export const listExperiments = lazily(async () => (await notebook()).listExperiments);
export const runCourse = lazily(async () => (await notebook()).runCourse);
export const runDemo = lazily(async () => (await notebook()).runDemo);
export const runExperiment = lazily(async () => (await notebook()).runExperiment);
