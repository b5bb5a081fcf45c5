import type { Language } from "../../language/index.js";
import { rm } from "node:fs/promises";
import {
  compareRuns,
  hasStandardizedTarget,
  lossUnits,
  type ReportSection,
} from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import type { OptimizerName, Run, RunRecord } from "../../train/index.js";
import { datasetSection } from "../sections.js";
import { HEALTHY_SEED } from "./sigmoid-data.js";
import type { DeclaredExperiment, Context } from "../types.js";

/** Each optimiser with its usual learning rate. */
const OPTIMIZERS: readonly { name: OptimizerName; learningRate: number }[] = [
  { name: "sgd", learningRate: 0.01 },
  { name: "momentum", learningRate: 0.01 },
  { name: "rmsprop", learningRate: 0.001 },
  { name: "adam", learningRate: 0.001 },
];

/** Row 17 of the notebook. */
export const optimisers: DeclaredExperiment = {
  name: "optimisers",
  describe: (_, { texts }) => texts.experiments.optimisers,
  steps: ["data", "training"],
  fixed: ["model", "optimizer"],
  defaults: {
    features: 10,
    noise: 0.1,
    batchSize: 10_000,
    epochs: 20,
    shuffle: "window",
    momentum: 0.9,
    logEvery: 1,
  },
  quick: { epochs: 10 },
  async run(context) {
    const { texts } = context.language;
    const linear = await context.data("lsm", "lsm", { rows: 1_000_000 });
    const sigmoid = await context.data("two-layer-sigmoid", "two-layer-sigmoid", {
      rows: 100_000,
      seed: HEALTHY_SEED,
    });
    const linearRuns = await trainAll(context, linear, "lsm", "linear");
    const sigmoidRuns = await trainAll(context, sigmoid, "sigmoid", "mlp");
    return {
      results: {
        lsm: await resultsOf(linearRuns),
        twoLayerSigmoid: await resultsOf(sigmoidRuns),
        lossUnits: lossUnits(linearRuns.some(({ record }) => hasStandardizedTarget(record))),
      },
      sections: [
        await compared(context, linearRuns, "lsm", texts.experiments.linearModel),
        await compared(context, sigmoidRuns, "sigmoid", texts.experiments.mlpModel),
        ...datasetSection(context, linear, "lsm", texts.experiments.theData),
        ...datasetSection(context, sigmoid, "sigmoid", texts.experiments.theData),
      ],
    };
  },
};

/** Trains with each optimiser on a dataset, from the same weights and in the same order of rows. */
async function trainAll(
  context: Context,
  dataset: Dataset,
  name: string,
  model: string,
): Promise<Run[]> {
  const runs: Run[] = [];
  // Threads and kernels start, and code is compiled, in a training that is not measured.
  const warmUp = await context.train(dataset, `${name}-warm-up`, { model, epochs: 1 });
  await rm(warmUp.dir, { recursive: true });
  for (const { name: optimizer, learningRate } of OPTIMIZERS) {
    const own = { model, optimizer, learningRate };
    if (context.options["learningRate"] !== undefined) {
      own.learningRate = context.number("learningRate");
    }
    runs.push(await context.train(dataset, `${name}-${optimizer}`, own));
  }
  return runs;
}

async function compared(
  { language }: Context,
  runs: readonly Run[],
  id: string,
  part: string,
): Promise<ReportSection> {
  const section = await compareRuns(
    language,
    runs,
    runs.map(({ record }) => record.options.optimizer),
  );
  const { texts } = language;
  const steps = adaptiveText(language, runs);
  const blocks = section.blocks.map((block) => ({
    ...block,
    id: `${block.id}-${id}`,
    ...(block.kind === "lines" && {
      caption: `${block.caption} ${/time/.test(block.id) ? texts.experiments.warmUp : steps}`,
    }),
  }));
  return {
    ...section,
    id: `${section.id}-${id}`,
    part,
    blocks,
  };
}

/** A sentence on how far RMSProp and Adam can move a weight in their steps. */
function adaptiveText({ texts }: Language, runs: readonly Run[]): string {
  const distances = runs.flatMap(({ record: { options, result } }) => {
    const { optimizer, learningRate, schedule, warmup } = options;
    if (optimizer !== "rmsprop" && optimizer !== "adam") return [];
    const steps = result?.steps ?? 0;
    const distance = learningRate * stepLengths(options, steps);
    const isAtMost = schedule !== "constant" || warmup > 0;
    const name = texts.training.optimizers[optimizer];
    return [texts.experiments.distance(steps, isAtMost, learningRate, name, distance)];
  });
  return texts.experiments.adaptive(distances);
}

/**
 * The sum of the lengths of steps along a constant gradient g, in learning rates. Adam's steps have length 1.
 * RMSProp's mean of squares starts at 0 and is (1 − αᵗ)g² after t steps.
 */
function stepLengths({ optimizer, alpha }: RunRecord["options"], steps: number): number {
  if (optimizer === "adam") return steps;
  let sum = 0;
  for (let step = 1; step <= steps; step++) sum += 1 / Math.sqrt(1 - alpha ** step);
  return sum;
}

async function resultsOf(runs: readonly Run[]): Promise<Record<string, unknown>> {
  const entries = runs.map(async (run) => {
    const { options, result } = run.record;
    const history = await run.history();
    const [first, last] = [history[0], history.at(-1)];
    return [
      options.optimizer,
      {
        learningRate: options.learningRate,
        steps: result?.steps ?? 0,
        finalLoss: result?.loss ?? null,
        // A run's first step waits for its threads and its first batch.
        secondsAfterFirstStep: first && last ? last.seconds - first.seconds : null,
      },
    ];
  });
  return Object.fromEntries(await Promise.all(entries));
}
