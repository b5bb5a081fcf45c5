import { usageError } from "../../common/errors.js";
import type { Language } from "../../language/index.js";
import { hasStandardizedTarget, lossName, type LineFigure } from "../../report/index.js";
import type { Run } from "../../train/index.js";
import { lossesEvery, noiseOf } from "../bounds/numbers.js";
import type { Context, DeclaredExperiment, Outcome } from "../types.js";
import { LINEAR_DATA } from "./linear-data.js";
import { trainOnce } from "./linear.js";

/** Rows 9 and 10 of the notebook: minibatches. */

const sgd: DeclaredExperiment = {
  name: "sgd",
  describe: batchesText,
  steps: ["data", "training"],
  fixed: ["model"],
  // Logs at least every tenth epoch, so that every hundredth is among them.
  defaults: {
    ...LINEAR_DATA,
    batchSize: 1000,
    learningRate: 0.001,
    epochs: 1000,
    shuffle: "global",
    logEvery: 10,
  },
  quick: { epochs: 200 },
  run: (context) => sgdRun(context, "sgd"),
};

const sgdLarge: DeclaredExperiment = {
  name: "sgd-large",
  describe: batchesText,
  steps: ["data", "training"],
  fixed: ["model"],
  defaults: {
    ...LINEAR_DATA,
    rows: 1_000_000,
    batchSize: 10_000,
    learningRate: 0.001,
    epochs: 500,
    shuffle: "window",
    logEvery: 50,
  },
  quick: { epochs: 50 },
  run: (context) => sgdRun(context, "sgd-large"),
};

export const sgdExperiments: readonly DeclaredExperiment[] = [sgd, sgdLarge];

/** Trains, and draws the loss at every hundredth epoch, which the notebook prints. */
async function sgdRun(context: Context, name: string): Promise<Outcome> {
  const { optimizer } = context.options;
  if (optimizer === "closed-form" || optimizer === "gradient-descent") {
    throw usageError(
      (option) =>
        `The experiment ${name} takes minibatches, and ${option("optimizer")} ${optimizer} takes all rows; run vadi experiment ${optimizer} instead.`,
    );
  }
  let figure: LineFigure | undefined;
  const outcome = await trainOnce(context, name, async (run, dataset) => {
    const losses = lossesEvery(await run.history(), 100);
    if (losses.length > 1) figure = lossFigure(context, losses, run, noiseOf(dataset));
    return { losses };
  });
  if (figure !== undefined) {
    // Beside the training, before the data.
    outcome.sections.splice(2, 0, {
      id: "every-hundred",
      title: context.language.texts.experiments.everyHundred,
      part: context.language.texts.experiments.theTraining,
      blocks: [figure],
    });
  }
  return outcome;
}

function lossFigure(
  context: Context,
  losses: readonly { epoch: number; loss: number }[],
  { record }: Run,
  noise: number,
): LineFigure {
  const variance = (noise / (record.standardize?.target?.scale ?? 1)) ** 2;
  const last = losses.at(-1)?.loss ?? NaN;
  const { texts } = context.language;
  return {
    kind: "lines",
    id: "loss-every-hundred-epochs",
    title: texts.experiments.everyHundredTitle,
    caption: texts.experiments.everyHundredCaption(last, variance),
    x: { title: texts.experiments.epoch },
    y: {
      title: texts.experiments.lossOfEpoch(lossName(texts, hasStandardizedTarget(record))),
      symbol: texts.training.loss,
      scale: "log",
    },
    series: [
      {
        name: texts.training.loss,
        x: losses.map(({ epoch }) => epoch),
        y: losses.map(({ loss }) => loss),
      },
    ],
  };
}

/** `10 000 rows in batches of 1 000 rows, reshuffled every epoch.` */
function batchesText(
  { batchSize, rows, shuffle }: DeclaredExperiment["defaults"],
  { texts }: Language,
): string {
  return texts.experiments.inBatches(Number(rows), Number(batchSize), shuffle !== "none");
}
