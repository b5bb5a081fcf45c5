/** Reports: one HTML file that shows runs, landscapes and experiments and needs nothing else. */
export type {
  Axis,
  Band,
  Cell,
  FactTable,
  Figure,
  LineFigure,
  ReportSection,
  Series,
  Shade,
  SurfaceFigure,
} from "./figures/figure.js";
export type { Lesson, Neighbour } from "./figures/lesson.js";
export { writeCourse } from "./course/index.js";
export type { CourseDocument, CourseLesson } from "./course/index.js";
export { datasetOf, sectionOfDataset } from "./sections/dataset.js";
export type { DatasetHint } from "./sections/dataset.js";
export {
  experimentFile,
  readExperimentDocument,
  writeExperimentDocument,
} from "./sections/experiment.js";
export type { ExperimentDocument } from "./sections/experiment.js";
export { defaultReportPath } from "./formats/formats.js";
export { REPORT_FORMATS } from "./options.js";
export type { ReportFormat } from "./options.js";
export { renderReport } from "./page/html.js";
export type { ReportDocument } from "./page/html.js";
export { sectionsOfCertificate } from "./sections/curvature/certificate.js";
export { kinksTable, sectionsOfCurvature } from "./sections/curvature/curvature.js";
export { densityFigure } from "./sections/curvature/density.js";
export { pathSection } from "./sections/curvature/path.js";
export { sectionsOfLandscape } from "./sections/landscape.js";
export { compareRuns } from "./sections/compare.js";
export { sectionsOfRun, trainingSection } from "./sections/run.js";
export { report } from "./sources.js";
export type { ReportOptions } from "./sources.js";
export { hasStandardizedTarget, lossName, lossUnits } from "./figures/loss-names.js";
export { linearModel } from "./sections/weights.js";
export { writeReport } from "./formats/write.js";
export { watch } from "./watch/watch.js";
export type { Watching, WatchOptions } from "./watch/watch.js";
