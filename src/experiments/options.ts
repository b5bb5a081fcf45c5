import { backendOptions } from "../backend/options.js";
import type { Options } from "../common/options/options.js";
import { lineOptions } from "../landscape/options.js";
import { datasetOptions } from "../storage/options.js";
import { runOptions, trainingOptions } from "../train/options.js";

const { kind: _kind, ...dataOptions } = datasetOptions;

/** The options of each kind of step that an experiment is made of. */
export const OPTIONS_OF_STEPS = {
  data: dataOptions,
  training: { ...trainingOptions, ...backendOptions, scratch: runOptions.scratch },
  line: lineOptions,
};

/** The kinds of step. */
export type Step = keyof typeof OPTIONS_OF_STEPS;

/** The options of all steps. */
export const STEP_OPTIONS: Options = {
  ...OPTIONS_OF_STEPS.data,
  ...OPTIONS_OF_STEPS.training,
  ...OPTIONS_OF_STEPS.line,
};
