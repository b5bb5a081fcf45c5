/**
 * The notebook's experiments by name, and the demo: data, training, slices and a report in one call. All of them together are a course.
 *
 * @module
 */
export { runCourse } from "./course.js";
export type { CourseOptions, CourseResult } from "./course.js";
export { experiments, listExperiments, runDemo, runExperiment } from "./run.js";
export type {
  Experiment,
  ExperimentOptions,
  ExperimentResult,
  OptionValue,
  Outcome,
} from "./types.js";
export type { Step } from "./options.js";
