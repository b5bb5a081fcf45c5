import type { Network } from "../model/index.js";
import type { Run, RunRows } from "../train/index.js";
import type { CurvaturePlan } from "./plan.js";
import type { CurvatureSettings } from "./resolve-options.js";
import type { CurvatureOptions } from "./types.js";

/** All that a curvature is computed from. */
export interface CurvatureJob {
  run: Run;
  network: Network;
  dataset: RunRows;
  settings: CurvatureSettings;
  plan: CurvaturePlan;
  options: CurvatureOptions;
}
