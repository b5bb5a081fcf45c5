import type { RunRecord } from "../../train/index.js";
import type { FactTable } from "../figures/figure.js";
import { formatNumber, formatPercent } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import { formatBytes } from "../../common/text/sizes.js";
import { settingsOfModel } from "./model.js";

type Options = RunRecord["options"];
type Rows = FactTable["rows"];

function threadsOf({ backend, threads }: RunRecord): string {
  // TensorFlow uses its threads within one operation.
  return `${countedExactly(threads, "thread")}${backend.startsWith("tfjs-node") ? " an operation" : ""}`;
}

/** The constants of the optimiser's equations. */
function settingsOfOptimizer(options: Options): Rows {
  const { optimizer, momentum, alpha, beta1, beta2, epsilon, ridge } = options;
  switch (optimizer) {
    case "momentum":
    case "nesterov":
      return [["momentum (µ)", momentum]];
    case "rmsprop":
      return [
        ["decay of the squares (α)", alpha],
        ["ε", epsilon],
      ];
    case "adam":
      return [
        ["decay of the means (β₁)", beta1],
        ["decay of the squares (β₂)", beta2],
        ["ε", epsilon],
      ];
    case "closed-form":
      return [["ridge (λ)", ridge]];
    default:
      return [];
  }
}

function scheduleText({ schedule, stepSize, gamma }: Options): string {
  return schedule === "step"
    ? `step: times ${formatNumber(gamma)} every ${countedExactly(stepSize, "epoch")}`
    : schedule;
}

function settingsOfSteps(options: Options): Rows {
  const isMinibatch = options.optimizer !== "gradient-descent";
  const size = formatNumber(options.batchSize);
  return [
    ["learning rate", options.learningRate],
    ["schedule of the learning rate", scheduleText(options)],
    ["warm-up", options.warmup === 0 ? "none" : countedExactly(options.warmup, "step")],
    ["weight decay (λ)", options.weightDecay],
    ["largest norm of the gradients", options.clipNorm ?? "not clipped"],
    isMinibatch
      ? ["batch size", options.batchSize]
      : ["rows a step", `all, streamed in batches of ${size}`],
    ["epochs", options.epochs],
    ...(isMinibatch
      ? ([
          ["shuffle", options.shuffle],
          ["last, smaller batch", options.dropLast ? "left out" : "used"],
        ] satisfies Rows)
      : []),
    ["initial weights", options.init],
    ["gradients", options.gradients],
    ["loss logged every", countedExactly(options.logEvery, "step")],
    ["checkpoint every", `${options.checkpointEvery}, the last ${formatNumber(options.keep)} kept`],
  ];
}

/** All settings of a run, by their names in a report. */
export function settingsOfRun(record: RunRecord): Rows {
  const { options } = record;
  return [
    ...settingsOfModel(record),
    ["optimizer", options.optimizer],
    ...settingsOfOptimizer(options),
    ...(options.optimizer === "closed-form" ? [] : settingsOfSteps(options)),
    ["standardised", options.standardize ? "features and target" : "no"],
    [
      "rows kept for validation",
      options.validation === 0 ? "none" : formatPercent(options.validation),
    ],
    ...(options.patience === null
      ? []
      : ([
          ["stops after", `${countedExactly(options.patience, "epoch")} without progress`],
        ] satisfies Rows)),
    ["seed", String(options.seed)],
    ["memory", formatBytes(options.memory)],
    ["backend", `${record.backend}, ${threadsOf(record)}`],
    ["engine", record.engine],
    [
      "versions",
      `vadi ${record.versions.vadi}, TensorFlow.js ${record.versions.tfjs}, Node ${record.versions.node.replace(/^v/, "")}`,
    ],
  ];
}
