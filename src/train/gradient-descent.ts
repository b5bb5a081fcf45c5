import { dispose, tensor } from "@tensorflow/tfjs-core";
import { throwIfAborted } from "../common/errors.js";
import { breather } from "../common/pause.js";
import { meanSquare } from "./gradients.js";
import type { BatchGradients } from "./gradients.js";
import type { Job } from "./job.js";
import { parametersOf, withParameters } from "./network.js";
import { gradientSource } from "./tensor-engine.js";

/**
 * Gradient descent on the mean squared error of all rows, a step an epoch:
 * w ← w − learningRate · ∇, which for the linear model is ∇ = 2Xᵀ(ŷ − y)/N. The rows are streamed
 * in batches of `batchSize` in file order, so that they never are in memory together; a batch's
 * gradient is float32, their sum and the weights are float64. The order of the rows does not matter
 * beyond rounding, so there is no shuffle.
 */
export async function gradientDescent(job: Job): Promise<void> {
  const { dataset, settings, state, signal } = job;
  const loader = dataset.batches({
    batchSize: settings.batchSize,
    shuffle: "none",
    epochs: settings.epochs,
    memory: settings.memory,
    recycle: true,
    ...(signal === undefined ? {} : { signal }),
  });
  const parameters = parametersOf(state.network);
  const source = gradientSource({
    model: { kind: "dense", network: state.network },
    gradients: settings.gradients,
  });
  const breathe = breather();
  const weights = parameters.map(({ values }) => Float64Array.from(values));
  const sums = weights.map(({ length }) => new Float64Array(length));
  let squares = 0;
  let epochRows = 0;
  try {
    for await (const batch of loader) {
      const step = state.steps + 1;
      const found = source.gradients(batch);
      try {
        await addGradients(sums, found, batch.rows);
        if (job.isLogged(step)) squares += batch.rows * (await meanSquare(found.residuals));
      } finally {
        dispose([found.residuals, ...found.gradients]);
      }
      epochRows += batch.rows;
      if (epochRows === dataset.rows) {
        const rows = state.rows + epochRows;
        if (job.isLogged(step)) job.log(step, batch.epoch, rows, squares / epochRows);
        const rate = settings.learningRate / epochRows;
        for (const [parameter, values] of weights.entries()) {
          for (let at = 0; at < values.length; at++) values[at]! -= rate * sums[parameter]![at]!;
        }
        source.replace(
          weights.map((values, at) =>
            tensor(Float32Array.from(values), [...parameters[at]!.shape]),
          ),
        );
        state.steps = step;
        state.epochs = batch.epoch + 1;
        state.rows = rows;
        for (const sum of sums) sum.fill(0);
        squares = 0;
        epochRows = 0;
      }
      job.report(state.rows + epochRows);
      throwIfAborted(signal);
      await breathe();
    }
  } finally {
    state.network = withParameters(
      state.network,
      weights.map((values) => Float32Array.from(values)),
    );
    state.waitedSeconds = loader.waitedSeconds();
    source.dispose();
  }
}

/** Adds a batch's mean gradient, times its rows, to the sums over the epoch. */
async function addGradients(
  sums: readonly Float64Array[],
  { gradients }: BatchGradients,
  rows: number,
): Promise<void> {
  for (const [parameter, sum] of sums.entries()) {
    const values = await gradients[parameter]!.data<"float32">();
    for (let at = 0; at < sum.length; at++) sum[at]! += rows * values[at]!;
  }
}
