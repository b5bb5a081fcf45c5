import type { Language, Texts } from "../../language/index.js";
import type { RunRecord } from "../../train/index.js";
import type { FactTable } from "../figures/figure.js";
import { settingsOfModel } from "./model.js";

type Options = RunRecord["options"];
type Rows = FactTable["rows"];

/** The constants of the optimiser's equations. */
function settingsOfOptimizer(texts: Texts, options: Options): Rows {
  const { optimizer, momentum, alpha, beta1, beta2, epsilon, ridge } = options;
  switch (optimizer) {
    case "momentum":
    case "nesterov":
      return [[texts.settings.momentum, momentum]];
    case "rmsprop":
      return [
        [texts.settings.decayOfSquares, alpha],
        ["ε", epsilon],
      ];
    case "adam":
      return [
        [texts.settings.decayOfMeans, beta1],
        [texts.settings.secondDecay, beta2],
        ["ε", epsilon],
      ];
    case "closed-form":
      return [[texts.settings.ridge, ridge]];
    default:
      return [];
  }
}

function settingsOfSteps(texts: Texts, options: Options): Rows {
  const isMinibatch = options.optimizer !== "gradient-descent";
  const { schedule, stepSize, gamma, warmup, batchSize, checkpointEvery, keep } = options;
  return [
    [texts.settings.learningRate, options.learningRate],
    [
      texts.settings.schedule,
      schedule === "step" ? texts.settings.stepSchedule(gamma, stepSize) : schedule,
    ],
    [texts.settings.warmup, warmup === 0 ? texts.settings.none : texts.settings.steps(warmup)],
    [texts.settings.weightDecay, options.weightDecay],
    [texts.settings.clipNorm, options.clipNorm ?? texts.settings.notClipped],
    isMinibatch
      ? [texts.settings.batchSize, batchSize]
      : [texts.settings.rowsPerStep, texts.settings.allInBatches(batchSize)],
    [texts.settings.epochs, options.epochs],
    ...(isMinibatch
      ? ([
          [texts.settings.shuffle, options.shuffle],
          [
            texts.settings.lastBatch,
            options.dropLast ? texts.settings.leftOut : texts.settings.used,
          ],
        ] satisfies Rows)
      : []),
    [texts.settings.init, options.init],
    [texts.settings.gradients, options.gradients],
    [texts.settings.logEvery, texts.settings.steps(options.logEvery)],
    [texts.settings.checkpointEvery, texts.settings.checkpoints(checkpointEvery, keep)],
  ];
}

/** All settings of a run, by their names in a report. */
export function settingsOfRun({ texts, percent, bytes }: Language, record: RunRecord): Rows {
  const { options, backend, threads, versions } = record;
  // TensorFlow uses its threads within one operation.
  const isPerOperation = backend.startsWith("tfjs-node");
  return [
    ...settingsOfModel(texts, record),
    [texts.settings.optimizer, options.optimizer],
    ...settingsOfOptimizer(texts, options),
    ...(options.optimizer === "closed-form" ? [] : settingsOfSteps(texts, options)),
    [
      texts.settings.standardized,
      options.standardize ? texts.settings.featuresAndTarget : texts.settings.no,
    ],
    [
      texts.settings.validation,
      options.validation === 0 ? texts.settings.none : percent(options.validation),
    ],
    ...(options.patience === null
      ? []
      : ([
          [texts.settings.patience, texts.settings.withoutProgress(options.patience)],
        ] satisfies Rows)),
    [texts.settings.seed, String(options.seed)],
    [texts.settings.memory, bytes(options.memory)],
    [texts.settings.backend, texts.settings.threads(backend, threads, isPerOperation)],
    [texts.settings.engine, record.engine],
    [
      texts.settings.versions,
      `vadi ${versions.vadi}, TensorFlow.js ${versions.tfjs}, Node ${versions.node.replace(/^v/, "")}`,
    ],
  ];
}
