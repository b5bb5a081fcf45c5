/**
 * The notebook's experiments by name, and the demo: data, training, slices and a report in one call.
 *
 * @module
 */
export { experiments, listExperiments, runDemo, runExperiment } from "./run.js";
export type {
  Experiment,
  ExperimentOptions,
  ExperimentResult,
  OptionValue,
  Outcome,
} from "./types.js";
export type { Step } from "./options.js";
