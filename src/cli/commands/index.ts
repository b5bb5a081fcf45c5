import type { Command } from "../command.js";
import { backendCommand } from "./backend.js";
import { convertCommand } from "./convert.js";
import { demoCommand } from "./demo.js";
import { evaluateCommand } from "./evaluate.js";
import { experimentCommand } from "./experiment.js";
import { exportCommand } from "./export.js";
import { generateCommand } from "./generate.js";
import { inspectCommand } from "./inspect.js";
import { joinCommand } from "./join.js";
import { landscapeCommand } from "./landscape.js";
import { maximaCommand } from "./maxima.js";
import { mergeCommand } from "./merge.js";
import { predictCommand } from "./predict.js";
import { reportCommand } from "./report.js";
import { runsCommand } from "./runs.js";
import { trainCommand } from "./train.js";
import { verifyCommand } from "./verify.js";
import { watchCommand } from "./watch.js";

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
  mergeCommand,
  reportCommand,
  experimentCommand,
  backendCommand,
];
