// TensorFlow.js by itself on its wasm backend, everything in memory: `model.fit`, which shuffles, or
// `optimizer.minimize` on one batch again and again.
import { mean, square, sub, tensor2d, train as optimizers } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { openDataset } from "../../../src/stream/index.js";
import { initialNetwork, layerWidths, networkToModel } from "../../../src/model/index.js";
import { chooseBackend } from "../../../src/backend/index.js";
import { firstRows } from "./first-rows.js";
import { runPeer } from "./peer.js";

interface TfjsTraining {
  dataset: string;
  model: string;
  batchSize: number;
  learningRate: number;
  /** Epochs of `fit`, or steps of `minimize`. */
  rounds: number;
  way: "fit" | "minimize";
}

const options = JSON.parse(process.argv[2] ?? "{}") as TfjsTraining;
const { batchSize, learningRate, rounds, way } = options;
await chooseBackend("wasm");
const dataset = await openDataset(options.dataset);
const { features } = dataset;
const { x, y, rows } = await firstRows(dataset, way === "fit" ? dataset.rows : batchSize);
const inputs = tensor2d(x, [rows, features]);
const targets = tensor2d(y, [rows, 1]);
const widths = layerWidths(options.model, features);
const model = networkToModel(initialNetwork(widths, { kind: "uniform" }, 42));
const optimizer = optimizers.sgd(learningRate);
model.compile({ optimizer, loss: "meanSquaredError" });

async function fit(): Promise<object> {
  const history = await model.fit(inputs, targets, {
    batchSize,
    epochs: rounds,
    shuffle: true,
    verbose: 0,
  });
  const losses = history.history["loss"] ?? [];
  return { steps: rounds * Math.ceil(rows / batchSize), loss: losses.at(-1) };
}

async function minimize(): Promise<object> {
  for (let step = 0; step < rounds; step++) {
    optimizer.minimize(() => mean(square(sub(model.apply(inputs) as Tensor2D, targets))) as Scalar);
    // Lets the event loop go round, as a program has to.
    if (step % 10 === 0) await new Promise(setImmediate);
  }
  return { steps: rounds };
}

await runPeer(way === "fit" ? fit : minimize);
