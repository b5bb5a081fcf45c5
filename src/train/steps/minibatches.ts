import { throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { createEngine } from "../engine/engine.js";
import type { EngineSpec, TrainableModel } from "../engine/types.js";
import type { Job } from "./job.js";
import { isDense, withParameters } from "../../model/index.js";
import { isStepOptimizer } from "../optimizers/index.js";
import { learningRateAt } from "../schedule.js";
import { batchOptionsOf } from "../resolve-options.js";
import type { TrainingSettings } from "../resolve-options.js";
import type { Network } from "../../model/index.js";

/** The specification of a network's engine; undefined where the optimiser does not use minibatches. */
export function engineSpec(network: Network, settings: TrainingSettings): EngineSpec | undefined {
  const { optimizer: name, clipNorm, gradients, simd } = settings;
  if (!isStepOptimizer(name)) return undefined;
  return {
    model: trainableModel(network, settings),
    optimizer: { ...settings, name },
    clipNorm: clipNorm ?? undefined,
    gradients,
    simd,
  };
}

/** A network in the form that engines take. */
export function trainableModel(
  network: Network,
  { seed }: Pick<TrainingSettings, "seed">,
): TrainableModel {
  return isDense(network) ? { kind: "dense", network } : { kind: "layers", network, seed };
}

/**
 * Training by minibatches: one step of the optimiser for every batch of the shuffled rows, on the batch's
 * mean squared error, by the fastest engine for the model and the backend.
 */
export async function trainByMinibatches(job: Job): Promise<void> {
  const { dataset, settings, state, signal, from } = job;
  const spec = engineSpec(state.network, settings);
  if (spec === undefined) throw new Error(`${settings.optimizer} does not use minibatches.`);
  const engine = await createEngine(spec, job.backend);
  const loader = dataset.batches({
    ...batchOptionsOf(settings, signal),
    ...(from?.loader === undefined ? {} : { from: from.loader }),
  });
  const pause = createPause();
  const read = engine.export.bind(engine);
  try {
    if (from !== undefined) engine.restore(from.engine);
    if (!(await job.afterStep(read))) return;
    for await (const batch of loader) {
      const step = state.steps + 1;
      const rows = state.rows + batch.rows;
      const taken = engine.step(batch, {
        learningRate: learningRateAt(settings, step),
        measure: job.isLogged(step),
      });
      const loss = taken instanceof Promise ? await taken : taken;
      if (loss !== undefined) job.log(step, batch.epoch, rows, loss);
      state.steps = step;
      state.rows = rows;
      state.epochs = batch.epoch + (batch.index === loader.batchesPerEpoch - 1 ? 1 : 0);
      state.loader = loader.state();
      const after = job.afterStep(read);
      if (after !== true && !(await after)) return;
      job.progress(state.rows);
      throwIfAborted(signal);
      await pause();
    }
  } finally {
    state.engine = await engine.export();
    state.network = withParameters(state.network, state.engine.weights);
    state.waitedSeconds += loader.waitedSeconds();
    await engine.dispose();
  }
}
