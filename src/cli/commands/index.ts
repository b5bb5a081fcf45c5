/**
 * The list of commands. Each parses, calls the library and prints.
 * Uses parse and terminal.
 *
 * @module
 */
import type { Command } from "../parse/command.js";
import { backendCommand } from "./models/backend.js";
import { convertCommand } from "./data/convert.js";
import { curvatureCommand } from "./models/curvature.js";
import { demoCommand } from "./reports/demo.js";
import { evaluateCommand } from "./models/evaluate.js";
import { experimentCommand } from "./reports/experiment.js";
import { exportCommand } from "./models/export.js";
import { generateCommand } from "./data/generate.js";
import { inspectCommand } from "./data/inspect.js";
import { joinCommand } from "./data/join.js";
import { landscapeCommand } from "./reports/landscape.js";
import { maximaCommand } from "./data/maxima.js";
import { mergeCommand } from "./reports/merge.js";
import { predictCommand } from "./models/predict.js";
import { reportCommand } from "./reports/report.js";
import { runsCommand } from "./models/runs.js";
import { trainCommand } from "./models/train.js";
import { verifyCommand } from "./data/verify.js";
import { watchCommand } from "./models/watch.js";

/** Every command, in the order in which data flows through them. */
export const commands: readonly Command[] = [
  demoCommand,
  generateCommand,
  maximaCommand,
  joinCommand,
  convertCommand,
  inspectCommand,
  verifyCommand,
  trainCommand,
  evaluateCommand,
  predictCommand,
  exportCommand,
  runsCommand,
  watchCommand,
  landscapeCommand,
  curvatureCommand,
  mergeCommand,
  reportCommand,
  experimentCommand,
  backendCommand,
];
