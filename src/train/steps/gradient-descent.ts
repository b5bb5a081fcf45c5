import { dispose, tensor } from "@tensorflow/tfjs-core";
import { throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import type { EngineState } from "../engine/types.js";
import { meanSquare, parametersOf, withParameters } from "../../model/index.js";
import type { BatchGradients } from "../../model/index.js";
import type { Job } from "./job.js";
import { trainableModel } from "./minibatches.js";
import { batchOptionsOf } from "../settings.js";
import { learningRateAt } from "../schedule.js";
import { gradientSource } from "../engine/tensor-engine.js";

/** The name under which the float64 weights stand among the slots of a checkpoint. */
const EXACT = "float64";

/**
 * Gradient descent on the mean squared error of all rows, a step an epoch:
 * w ← w − learningRate · ∇, which for the linear model is ∇ = 2Xᵀ(ŷ − y)/N. The rows are streamed
 * in batches of `batchSize` in file order, so that they never are in memory together; a batch's
 * gradient is float32, their sum and the weights are float64. The order of the rows does not matter
 * beyond rounding, so there is no shuffle.
 */
export async function gradientDescent(job: Job): Promise<void> {
  const { dataset, settings, state, signal, from } = job;
  const loader = dataset.batches({
    ...batchOptionsOf(settings, signal),
    ...(from?.loader === undefined ? {} : { from: from.loader }),
  });
  const parameters = parametersOf(state.network);
  const source = await gradientSource({
    model: trainableModel(state.network, settings),
    gradients: settings.gradients,
  });
  const pause = createPause();
  const exact = from?.engine.slots[EXACT];
  const weights = parameters.map(({ values }, at) =>
    exact === undefined ? Float64Array.from(values) : new Float64Array(exact[at]!.slice().buffer),
  );
  // Those that are not trained stand last and stay as they are.
  const sums = weights.slice(0, source.trainable).map(({ length }) => new Float64Array(length));
  let squares = 0;
  let epochRows = 0;
  function read(): Promise<EngineState> {
    return Promise.resolve({
      step: state.steps,
      weights: weights.map((values) => Float32Array.from(values)),
      // The same bits under the type that checkpoints hold.
      slots: { [EXACT]: weights.map((values) => new Float32Array(values.slice().buffer)) },
    });
  }
  try {
    await job.stepped(read);
    for await (const batch of loader) {
      const step = state.steps + 1;
      const found = source.gradients(batch, step);
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
        const rate = learningRateAt(settings, step) / epochRows;
        const trained = weights.slice(0, source.trainable);
        for (const [parameter, values] of trained.entries()) {
          for (let at = 0; at < values.length; at++) values[at]! -= rate * sums[parameter]![at]!;
        }
        source.replace(
          trained.map((values, at) =>
            tensor(Float32Array.from(values), [...parameters[at]!.shape]),
          ),
        );
        state.steps = step;
        state.epochs = batch.epoch + 1;
        state.rows = rows;
        state.loader = loader.state();
        for (const sum of sums) sum.fill(0);
        squares = 0;
        epochRows = 0;
        const after = job.stepped(read);
        if (after !== true) await after;
      }
      job.report(state.rows + epochRows);
      throwIfAborted(signal);
      await pause();
    }
  } finally {
    state.engine = await read();
    state.network = withParameters(state.network, state.engine.weights);
    state.waitedSeconds += loader.waitedSeconds();
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
