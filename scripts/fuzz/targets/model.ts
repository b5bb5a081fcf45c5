import { createHash } from "node:crypto";
import path from "node:path";
import { input, layers, model as functional } from "@tensorflow/tfjs-layers";
import { ensureAnyBackend } from "../../../src/backend/index.js";
import {
  isDense,
  loadModel,
  networkOf,
  parametersOf,
  saveNetwork,
} from "../../../src/model/index.js";
import type { DenseLayer } from "../../../src/model/index.js";
import type { Sample, Target } from "../target.js";

const sample: Sample = {
  files: ["model.json", "model.json", "weights.bin"],
  async read(folder) {
    const network = await loadModel(folder);
    const hash = createHash("sha256");
    for (const { values } of parametersOf(network)) hash.update(values);
    const shapes = isDense(network)
      ? network.map(({ inputs, outputs, activation }) => [inputs, outputs, activation])
      : network.weights.map(({ name, shape }) => [name, shape]);
    return `${JSON.stringify(shapes)} ${hash.digest("hex")}`;
  },
};

function layer(inputs: number, outputs: number, activation: DenseLayer["activation"]): DenseLayer {
  return {
    inputs,
    outputs,
    activation,
    weights: Float32Array.from({ length: inputs * outputs }, (_, at) => (at % 7) - 3),
    bias: Float32Array.from({ length: outputs }, (_, at) => at / 8),
  };
}

export const target: Target = {
  async write(folder) {
    await saveNetwork(path.join(folder, "linear"), [layer(3, 1, "linear")]);
    const chain = [layer(3, 8, "relu"), layer(8, 4, "tanh"), layer(4, 1, "linear")];
    await saveNetwork(path.join(folder, "chain"), chain);
    await ensureAnyBackend();
    const rows = input({ shape: [3] });
    const left = layers.dense({ units: 6, activation: "elu", name: "left" }).apply(rows);
    const normal = layers.batchNormalization({ name: "normal" }).apply(left);
    const right = layers.dense({ units: 4, activation: "tanh", name: "right" }).apply(rows);
    const both = layers.concatenate({ name: "both" }).apply([normal, right] as never);
    const out = layers.dense({ units: 1, name: "out" }).apply(both);
    const branched = functional({ inputs: rows, outputs: out as never, name: "branched" });
    await saveNetwork(path.join(folder, "branched"), await networkOf(branched));
  },
  samples: { linear: sample, chain: sample, branched: sample },
};
