import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "./helpers/test.js";

/*
 * What the package publishes. A name that is added, renamed or removed here changes the public API:
 * the changelog says so.
 */

const root = fileURLToPath(new URL("../..", import.meta.url));

const FUNCTIONS_AND_VALUES = [
  "DATASET_KINDS",
  "VERSION",
  "VadiError",
  "certify",
  "convert",
  "createDataset",
  "curvature",
  "describeTable",
  "discardTasks",
  "evaluate",
  "exportWeights",
  "filterRows",
  "findMaximum",
  "generate",
  "installBackend",
  "joinDatasets",
  "landscape",
  "leastCurvature",
  "listBackends",
  "listExperiments",
  "listRuns",
  "mergeLandscapes",
  "mergeTasks",
  "openCertificate",
  "openCurvature",
  "openDataset",
  "openLandscape",
  "openForRun",
  "openRun",
  "planConversion",
  "planTasks",
  "predict",
  "removeBackend",
  "report",
  "rowsOfRun",
  "runCourse",
  "runDemo",
  "runExperiment",
  "runTask",
  "runTasks",
  "standardizationOf",
  "train",
  "verifyDataset",
  "watch",
  "writeDataset",
  "writePart",
  "writePredictions",
];

const TYPES = [
  "Along",
  "ArrowStream",
  "BackendName",
  "BackendStatus",
  "Batch",
  "BatchLoader",
  "BatchOptions",
  "BatchStream",
  "Certificate",
  "CertificateRecord",
  "CertifiedInterval",
  "CertifyOptions",
  "ColumnScaling",
  "ColumnStatistics",
  "ConversionPlan",
  "ConvertOptions",
  "ConvertedDataset",
  "CourseOptions",
  "CourseResult",
  "Curvature",
  "CurvatureOptions",
  "CurvatureRecord",
  "CurvatureResult",
  "Dataset",
  "DatasetKind",
  "DenseLayer",
  "DenseNetwork",
  "DescribeOptions",
  "DescribedColumn",
  "ErrorKind",
  "Estimate",
  "Evaluation",
  "Experiment",
  "ExperimentOptions",
  "ExperimentResult",
  "ExportedWeights",
  "FallingKink",
  "ForeignDescription",
  "FoundMaxima",
  "FoundRun",
  "GenerateSpec",
  "HessianEigenvalue",
  "HessianPart",
  "HistoryRow",
  "InstallName",
  "InstallOptions",
  "JoinOptions",
  "KinkCounts",
  "LanczosLimits",
  "Landscape",
  "LandscapeOptions",
  "LandscapePath",
  "LandscapeRecord",
  "LayersNetwork",
  "LayersWeight",
  "LoaderState",
  "Manifest",
  "MaximumSpec",
  "MergeOptions",
  "MergeTasksOptions",
  "MergedTasks",
  "NegativeEigenvalues",
  "Network",
  "OnProgress",
  "OptimizerName",
  "PartSpec",
  "PathSharpness",
  "PathStability",
  "PlanOptions",
  "PlanTasksOptions",
  "PredictOptions",
  "PredictionSample",
  "Progress",
  "ReportFormat",
  "ReportOptions",
  "Rows",
  "RowsForRun",
  "RowsOptions",
  "Run",
  "RunRecord",
  "RunResult",
  "RunRows",
  "RunTaskOptions",
  "ShardEntry",
  "ShardStatus",
  "ShuffleMode",
  "SliceCurve",
  "SliceSummaryRow",
  "SnapshotSharpness",
  "SourceOptions",
  "SpectralDensity",
  "SplitOptions",
  "StabilityFormula",
  "Standardization",
  "Statistics",
  "StatisticsOptions",
  "Surface",
  "TableDescription",
  "Task",
  "TaskJob",
  "TaskKind",
  "TaskLine",
  "TaskResult",
  "TensorFactory",
  "TfData",
  "TfDataOptions",
  "TrainOptions",
  "ValidationMeasure",
  "ValidationResult",
  "Verdict",
  "VerifyOptions",
  "VerifyResult",
  "WatchOptions",
  "Watching",
  "WriteOptions",
  "WrittenDataset",
  "WrittenPart",
  "WrittenPredictions",
];

test("the package exports these functions and values, and nothing else", async () => {
  const exported = Object.keys(await import("../src/index.js"));
  assert.equal(exported.toSorted(), FUNCTIONS_AND_VALUES.toSorted());
});

test("the package exports these types, and nothing else", () => {
  const text = readFileSync(path.join(root, "src/index.ts"), "utf8");
  const lists = [...text.matchAll(/^export type \{([^}]*)\}/gm)].map(([, list = ""]) => list);
  const exported = lists.flatMap((list) => list.match(/\w+/g) ?? []);
  assert.equal(exported.toSorted(), TYPES.toSorted());
});

test("no other file of the package can be imported", () => {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    exports: Record<string, unknown>;
  };
  assert.equal(Object.keys(exports), [".", "./package.json"]);
});

test("editors show what every function and option does", () => {
  const declarations = readFileSync(path.join(root, "dist/src/index.d.ts"), "utf8");
  const functions = [...declarations.matchAll(/(\*\/\n)?export declare (?:const|function) (\w+)/g)];
  assert.ok(functions.length > 25);
  for (const [, docstring, name] of functions) assert.ok(docstring !== undefined, name);
  const options = readFileSync(path.join(root, "dist/src/train/options.d.ts"), "utf8");
  assert.match(options, "/** Rows per step.");
  assert.match(options, "/** Learning rate. Default: `0.001`. */\n    learningRate: ");
});

test.run();
