import { dispose, mul, sub, tidy } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { throwIfAborted } from "../common/errors.js";
import { breather } from "../common/pause.js";
import { createEngine } from "./engine.js";
import { downloadWeights, meanSquare } from "./gradients.js";
import type { Job } from "./job.js";
import { withWeights } from "./network.js";

/**
 * Minibatch stochastic gradient descent (Robbins and Monro 1951): a step a batch,
 * w ← w − learningRate · ∇(mean squared error of the batch), in float32 on the tfjs backend.
 */
export async function stochasticGradientDescent(job: Job): Promise<void> {
  const { dataset, settings, state, signal } = job;
  const { batchSize, shuffle, seed, epochs, dropLast, memory, scratch, learningRate } = settings;
  const loader = dataset.batches({
    batchSize,
    shuffle,
    seed,
    epochs,
    dropLast,
    memory,
    recycle: true,
    ...(scratch === undefined ? {} : { scratch }),
    ...(signal === undefined ? {} : { signal }),
  });
  const engine = createEngine(state.network, settings.gradients);
  const breathe = breather();
  try {
    for await (const batch of loader) {
      const { gradients, residuals } = engine.gradients(batch);
      try {
        const step = state.steps + 1;
        const rows = state.rows + batch.rows;
        if (job.isLogged(step)) job.log(step, batch.epoch, rows, await meanSquare(residuals));
        engine.replace(
          tidy(() =>
            engine
              .weights()
              .map((weights, layer): Tensor2D =>
                sub(weights, mul(gradients[layer]!, learningRate)),
              ),
          ),
        );
        state.steps = step;
        state.rows = rows;
        state.epochs = batch.epoch + (batch.index === loader.batchesPerEpoch - 1 ? 1 : 0);
      } finally {
        dispose([residuals, ...gradients]);
      }
      job.report(state.rows);
      throwIfAborted(signal);
      await breathe();
    }
  } finally {
    state.network = withWeights(state.network, await downloadWeights(engine.weights()));
    state.waitedSeconds = loader.waitedSeconds();
    engine.dispose();
  }
}
