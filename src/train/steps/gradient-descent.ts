import { dispose, tensor } from "@tensorflow/tfjs-core";
import { throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { meanSquare, parametersOf, withParameters } from "../../model/index.js";
import type { BatchRows, GradientSource, Parameter } from "../../model/index.js";
import { gradientSource } from "../engine/tensor-engine.js";
import type { EngineState } from "../engine/types.js";
import { learningRateAt } from "../schedule.js";
import { batchOptionsOf } from "../resolve-options.js";
import type { Job } from "./job.js";
import { trainableModel } from "./minibatches.js";

/** The slot of a checkpoint that holds the float64 weights. */
const EXACT = "float64";

/**
 * Gradient descent on the mean squared error of all rows, one step per epoch:
 * w ← w − learningRate · ∇, which for the linear model is ∇ = 2Xᵀ(ŷ − y)/N. The rows are streamed
 * in batches of `batchSize` in file order, so that memory stays bounded; a batch's gradient is
 * float32, their sum and the weights are float64. The order of the rows does not matter beyond
 * rounding, so there is no shuffle.
 */
export async function gradientDescent(job: Job): Promise<void> {
  const { dataset, settings, state, signal, from } = job;
  const loader = dataset.batches({
    ...batchOptionsOf(settings, signal),
    ...(from?.loader === undefined ? {} : { from: from.loader }),
  });
  const source = await gradientSource({
    model: trainableModel(state.network, settings),
    gradients: settings.gradients,
  });
  const descent = createDescent(source, parametersOf(state.network), from?.engine.slots[EXACT]);
  const read = (): Promise<EngineState> => Promise.resolve(descent.export(state.steps));
  const pause = createPause();
  try {
    if (!(await job.afterStep(read))) return;
    for await (const batch of loader) {
      const step = state.steps + 1;
      await descent.add(batch, step, job.isLogged(step));
      const rows = state.rows + descent.rows();
      if (descent.rows() === dataset.rows) {
        if (job.isLogged(step)) job.log(step, batch.epoch, rows, descent.loss());
        descent.step(learningRateAt(settings, step));
        state.steps = step;
        state.epochs = batch.epoch + 1;
        state.rows = rows;
        state.loader = loader.state();
        const after = job.afterStep(read);
        if (after !== true && !(await after)) return;
      }
      job.progress(rows);
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

/**
 * The weights in float64, and the sums of an epoch.
 *
 * @param exact the float64 weights of a checkpoint
 */
function createDescent(
  source: GradientSource,
  parameters: readonly Parameter[],
  exact: readonly Float32Array[] | undefined,
) {
  const weights = parameters.map(({ values }, at) =>
    exact === undefined ? Float64Array.from(values) : new Float64Array(exact[at]!.slice().buffer),
  );
  // Weights that are not trained come last.
  const trained = weights.slice(0, source.trainable);
  const sums = trained.map(({ length }) => new Float64Array(length));
  let squares = 0;
  let rows = 0;
  return {
    /** Adds a batch's gradient, times its rows, to the epoch's sums; with `measure`, its squared errors as well. */
    async add(batch: BatchRows, step: number, measure: boolean): Promise<void> {
      const { gradients, residuals } = source.gradients(batch, step);
      try {
        for (const [parameter, sum] of sums.entries()) {
          const values = await gradients[parameter]!.data<"float32">();
          for (let at = 0; at < sum.length; at++) sum[at]! += batch.rows * values[at]!;
        }
        if (measure) squares += batch.rows * (await meanSquare(residuals));
      } finally {
        dispose([residuals, ...gradients]);
      }
      rows += batch.rows;
    },
    /** The rows added since the last step. */
    rows: () => rows,
    /** The mean squared error of those rows. */
    loss: () => squares / rows,
    /** Updates the weights by the mean gradient, and starts the next epoch's sums. */
    step(learningRate: number): void {
      const rate = learningRate / rows;
      for (const [parameter, values] of trained.entries()) {
        for (let at = 0; at < values.length; at++) values[at]! -= rate * sums[parameter]![at]!;
      }
      const rounded = trained.map((values, at) =>
        tensor(Float32Array.from(values), [...parameters[at]!.shape]),
      );
      source.replace(rounded);
      for (const sum of sums) sum.fill(0);
      squares = 0;
      rows = 0;
    },
    export(step: number): EngineState {
      return {
        step,
        weights: weights.map((values) => Float32Array.from(values)),
        // The same bits, in the type that checkpoints hold.
        slots: { [EXACT]: weights.map((values) => new Float32Array(values.slice().buffer)) },
      };
    },
  };
}
