/** Reports: one HTML file that shows runs, landscapes and experiments and needs nothing else. */
export type {
  Axis,
  Band,
  FactTable,
  Figure,
  LineFigure,
  ReportSection,
  Series,
  SurfaceFigure,
} from "./figure.js";
export { datasetOf, sectionOfDataset } from "./dataset.js";
export type { DatasetHint } from "./dataset.js";
export { experimentFile, readExperimentDocument, writeExperimentDocument } from "./experiment.js";
export type { ExperimentDocument } from "./experiment.js";
export { formatNumber } from "./format.js";
export { defaultReportPlace, reportFormats } from "./formats.js";
export type { ReportFormat } from "./formats.js";
export { renderReport } from "./html.js";
export type { ReportDocument } from "./html.js";
export { sectionsOfLandscape } from "./landscape.js";
export { compareRuns } from "./compare.js";
export { sectionsOfRun, trainingSection } from "./run.js";
export { report } from "./sources.js";
export type { ReportOptions } from "./sources.js";
export { hasStandardizedTarget, lossName, lossUnits } from "./units.js";
export { linearModel } from "./weights.js";
export { writeReport } from "./write.js";
export { watch } from "./watch/watch.js";
export type { Watching, WatchOptions } from "./watch/watch.js";
