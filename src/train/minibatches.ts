import { throwIfAborted } from "../common/errors.js";
import { breather } from "../common/pause.js";
import { createEngine } from "./engine.js";
import type { EngineSpec } from "./engine.js";
import type { Job } from "./job.js";
import { withParameters } from "./network.js";
import { OPTIMIZER_DEFAULTS } from "./optimizers/index.js";
import type { Settings } from "./options.js";
import type { DenseNetwork } from "./types.js";

/** What a network's engine is made from. */
export function engineSpec(network: DenseNetwork, { gradients }: Settings): EngineSpec {
  return {
    model: { kind: "dense", network },
    optimizer: { name: "sgd", ...OPTIMIZER_DEFAULTS },
    clipNorm: undefined,
    gradients,
  };
}

/**
 * Training by minibatches: a step of the optimiser for every batch of the shuffled rows, on the mean
 * squared error of the batch, by the fastest engine there is for the model and the backend.
 */
export async function trainByMinibatches(job: Job): Promise<void> {
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
  const engine = await createEngine(engineSpec(state.network, settings), job.backend);
  const breathe = breather();
  try {
    for await (const batch of loader) {
      const step = state.steps + 1;
      const rows = state.rows + batch.rows;
      const taken = engine.step(batch, { learningRate, measure: job.isLogged(step) });
      const loss = taken instanceof Promise ? await taken : taken;
      state.steps = step;
      state.rows = rows;
      state.epochs = batch.epoch + (batch.index === loader.batchesPerEpoch - 1 ? 1 : 0);
      if (loss !== undefined) job.log(step, batch.epoch, rows, loss);
      job.report(state.rows);
      throwIfAborted(signal);
      await breathe();
    }
  } finally {
    const { weights } = await engine.export();
    state.network = withParameters(state.network, weights);
    state.waitedSeconds = loader.waitedSeconds();
    await engine.dispose();
  }
}
