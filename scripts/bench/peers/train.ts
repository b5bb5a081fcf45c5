// vadi's training: a whole run from the files of a dataset, shuffled, to a folder of its own; or
// steps on one batch again and again, by an engine alone.
import { openDataset } from "../../../src/stream/index.js";
import type { EngineSpec } from "../../../src/train/engine/types.js";
import { createEngine } from "../../../src/train/engine/engine.js";
import { initialNetwork, layerWidths } from "../../../src/model/index.js";
import { chooseBackend } from "../../../src/backend/index.js";
import { train } from "../../../src/train/index.js";
import type { BackendName } from "../../../src/backend/index.js";
import { startOptionsFor } from "../../../src/train/engine/graph/index.js";
import { OPTIMIZER_DEFAULTS } from "../../../src/train/optimizers/index.js";
import { firstRows } from "./first-rows.js";
import { runPeer } from "./peer.js";

export interface VadiTraining {
  dataset: string;
  model: string;
  backend: BackendName;
  batchSize: number;
  learningRate: number;
  /** Epochs of a whole run, or steps on the same batch. */
  rounds: number;
  /** Of a whole run. */
  runFolder?: string;
}

const options = JSON.parse(process.argv[2] ?? "{}") as VadiTraining;
const { model, backend, batchSize, learningRate, rounds } = options;
const dataset = await openDataset(options.dataset);
const spec: EngineSpec = {
  model: {
    kind: "dense",
    network: initialNetwork(layerWidths(model, dataset.features), { kind: "uniform" }, 42),
  },
  optimizer: { name: "sgd", ...OPTIMIZER_DEFAULTS },
  clipNorm: undefined,
  gradients: "explicit",
};
// Before the clock starts, as torch is imported before.
const chosen = await chooseBackend(backend, startOptionsFor(spec, batchSize));

async function wholeRun(out: string): Promise<object> {
  const run = await train(dataset, {
    out,
    model,
    backend,
    batchSize,
    learningRate,
    epochs: rounds,
  });
  const { result, threads } = run.record;
  return {
    threads,
    steps: result?.steps,
    loss: result?.loss,
    waitedForData: result?.waitedForData,
  };
}

async function sameBatch(): Promise<() => Promise<object>> {
  const batch = await firstRows(dataset, batchSize);
  const engine = await createEngine(spec, chosen);
  return async () => {
    let loss: number | undefined;
    for (let step = 0; step < rounds; step++) {
      loss = await engine.step(batch, { learningRate, measure: step === rounds - 1 });
    }
    await engine.dispose();
    return { steps: rounds, loss };
  };
}

const { runFolder } = options;
await runPeer(runFolder === undefined ? await sameBatch() : () => wholeRun(runFolder));
