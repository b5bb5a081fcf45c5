import { usageError } from "../../common/errors.js";
import { formatNumber } from "../../common/text/numbers.js";
import { countedExactly } from "../../common/text/plurals.js";
import { hasStandardizedTarget, lossName, type LineFigure } from "../../report/index.js";
import type { Run } from "../../train/index.js";
import { lossesEvery, noiseOf } from "../bounds/numbers.js";
import type { Context, Experiment, Outcome } from "../types.js";
import { LINEAR_DATA } from "./linear-data.js";
import { trainOnce } from "./linear.js";

/** Rows 9 and 10 of the notebook: minibatches. */

const sgd: Experiment = {
  name: "sgd",
  title: "Stochastic gradient descent",
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

const sgdLarge: Experiment = {
  name: "sgd-large",
  title: "Stochastic gradient descent on more rows",
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
  quick: { epochs: 10 },
  run: (context) => sgdRun(context, "sgd-large"),
};

export const sgdExperiments: readonly Experiment[] = [sgd, sgdLarge];

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
      title: "Every hundredth epoch",
      part: "The training",
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
  return {
    kind: "lines",
    id: "loss-every-hundred-epochs",
    title: "Loss at every hundredth epoch",
    caption: `Look for the level to which the loss falls: it ends at ${formatNumber(last)}, and the variance of the noise, in the same units, is ${formatNumber(variance)}.`,
    x: { title: "epoch" },
    y: {
      title: `loss of the epoch's last logged batch (${lossName(context.language.texts, hasStandardizedTarget(record))})`,
      symbol: "loss",
      scale: "log",
    },
    series: [
      { name: "loss", x: losses.map(({ epoch }) => epoch), y: losses.map(({ loss }) => loss) },
    ],
  };
}

/** `10 000 rows in batches of 1 000 rows, reshuffled every epoch.` */
function batchesText({ batchSize, rows, shuffle }: Experiment["defaults"]): string {
  const order = shuffle === "none" ? "in the order of the files" : "reshuffled every epoch";
  return `${countedExactly(Number(rows), "row")} in batches of ${countedExactly(Number(batchSize), "row")}, ${order}.`;
}
