import { initializers, input, layers, model as functional } from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";

/** Weights that are the same in every run of the tests. */
export const drawn = (
  seed: number,
): { kernelInitializer: ReturnType<typeof initializers.glorotUniform> } => ({
  kernelInitializer: initializers.glorotUniform({ seed }),
});

/** Two branches that are put together, batch normalisation and dropout: nothing that a chain of dense layers is. */
export function branchedModel(features: number): LayersModel {
  const rows = input({ shape: [features] });
  const left = layers.dense({ ...drawn(1), units: 6, activation: "elu", name: "left" }).apply(rows);
  const normal = layers.batchNormalization({ name: "normal" }).apply(left);
  const right = layers
    .dense({ ...drawn(2), units: 4, activation: "tanh", name: "right" })
    .apply(rows);
  const dropped = layers.dropout({ rate: 0.25, name: "dropped" }).apply(right);
  const both = layers.concatenate({ name: "both" }).apply([normal, dropped] as never);
  const out = layers.dense({ ...drawn(3), units: 1, name: "out", useBias: false }).apply(both);
  return functional({ inputs: rows, outputs: out as never, name: "branched" });
}
