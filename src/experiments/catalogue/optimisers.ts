import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
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
import type { Experiment, Context } from "../types.js";

/** Each optimiser with its usual learning rate. */
const OPTIMIZERS: readonly { name: OptimizerName; learningRate: number }[] = [
  { name: "sgd", learningRate: 0.01 },
  { name: "momentum", learningRate: 0.01 },
  { name: "rmsprop", learningRate: 0.001 },
  { name: "adam", learningRate: 0.001 },
];

/** Row 17 of the notebook. */
export const optimisers: Experiment = {
  name: "optimisers",
  title: "Momentum, RMSProp and Adam against plain SGD",
  describe: () =>
    "The linear model on the LSM data and the MLP on the two-layer-sigmoid data, from the same start.",
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
  quick: { epochs: 2 },
  async run(context) {
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
        await compared(context, linearRuns, "lsm", "The linear model"),
        await compared(context, sigmoidRuns, "sigmoid", "The MLP"),
        ...datasetSection(context, linear, "lsm", "The data"),
        ...datasetSection(context, sigmoid, "sigmoid", "The data"),
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
  const steps = adaptiveText(runs);
  const blocks = section.blocks.map((block) => ({
    ...block,
    id: `${block.id}-${id}`,
    ...(block.kind === "lines" && {
      caption: `${block.caption} ${/time/.test(block.id) ? "An epoch of training before the first run is not shown. " : ""}${steps}`,
    }),
  }));
  return {
    ...section,
    id: `${section.id}-${id}`,
    title: "Loss curves of all optimisers",
    part,
    blocks,
  };
}

/** A sentence on how far RMSProp and Adam can move a weight in their steps. */
function adaptiveText(runs: readonly Run[]): string {
  const distances = runs.flatMap(({ record: { options, result } }) => {
    const { optimizer, learningRate, schedule, warmup } = options;
    if (optimizer !== "rmsprop" && optimizer !== "adam") return [];
    const steps = result?.steps ?? 0;
    const distance = learningRate * stepLengths(options, steps);
    const atMost = schedule === "constant" && warmup === 0 ? "" : " at most";
    return [
      `in ${distance < 1 ? "only " : ""}${countedExactly(steps, "step")} of learning rate${atMost} ${formatNumber(learningRate)}, ${optimizer} moves a weight by about ${formatNumber(Number(distance.toPrecision(2)))} or less`,
    ];
  });
  return `The steps of RMSProp and Adam hardly depend on the gradient's size: ${distances.join("; ")}.`;
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
