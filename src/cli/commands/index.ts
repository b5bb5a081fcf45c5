/**
 * The list of commands. Each parses, calls the library and prints.
 * Uses parse and terminal.
 *
 * @module
 */
import type { Command } from "../parse/command.js";

/** Every command in the order in which data flows through them, loaded when it is needed. */
const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import("./reports/demo.js")).demoCommand,
  generate: async () => (await import("./data/generate.js")).generateCommand,
  maxima: async () => (await import("./data/maxima.js")).maximaCommand,
  join: async () => (await import("./data/join.js")).joinCommand,
  convert: async () => (await import("./data/convert.js")).convertCommand,
  inspect: async () => (await import("./data/inspect.js")).inspectCommand,
  verify: async () => (await import("./data/verify.js")).verifyCommand,
  train: async () => (await import("./models/train.js")).trainCommand,
  evaluate: async () => (await import("./models/evaluate.js")).evaluateCommand,
  predict: async () => (await import("./models/predict.js")).predictCommand,
  export: async () => (await import("./models/export.js")).exportCommand,
  runs: async () => (await import("./models/runs.js")).runsCommand,
  watch: async () => (await import("./models/watch.js")).watchCommand,
  landscape: async () => (await import("./reports/landscape.js")).landscapeCommand,
  curvature: async () => (await import("./models/curvature.js")).curvatureCommand,
  certify: async () => (await import("./models/certify.js")).certifyCommand,
  merge: async () => (await import("./reports/merge.js")).mergeCommand,
  plan: async () => (await import("./tasks/plan.js")).planCommand,
  task: async () => (await import("./tasks/task.js")).taskCommand,
  report: async () => (await import("./reports/report.js")).reportCommand,
  experiment: async () => (await import("./reports/experiment.js")).experimentCommand,
  completion: async () => (await import("./reports/completion.js")).completionCommand,
  backend: async () => (await import("./models/backend.js")).backendCommand,
};

/** One command; undefined where there is none of that name. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;
}

/** All commands, for the help and for errors that name other commands than the one that was given. */
export function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(LOADERS).map((load) => load()));
}
