import { dispose, tensor } from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import type { Standardization } from "../stream/index.js";
import { ensureBackend } from "../backend/index.js";
import { layersOf } from "./build-layers.js";
import { networkOf, toLayersModel } from "./layers-network.js";
import { isDense } from "./network.js";
import type { DenseLayer, DenseNetwork, LayersNetwork, Network } from "./types.js";

/**
 * Multiplies the standardisation into a network: the result takes features in their original units and
 * predicts in the target's, as `network` does on standardised rows. In a chain of dense layers, the first
 * layer takes the features' means m and scales s (w/s and b − Σ w·m/s, so it gets a bias), and the last
 * layer the target's; if the last layer has an activation, a linear layer is added. Any other model is
 * wrapped between two dense layers, D → D and 1 → 1, that are not trained. Computed in float64 and
 * rounded once.
 */
export async function foldStandardization(
  network: Network,
  standardization: Standardization,
): Promise<Network> {
  return isDense(network)
    ? foldDense(network, standardization)
    : wrapLayers(network, standardization);
}

function foldDense(network: DenseNetwork, { features, target }: Standardization): DenseNetwork {
  const [first, ...others] = network;
  if (first === undefined) return network;
  const { outputs } = first;
  const weights = Float64Array.from(
    first.weights,
    (weight, at) => weight / features[Math.floor(at / outputs)]!.scale,
  );
  const bias = Float64Array.from(first.bias ?? new Float32Array(outputs));
  for (const [at, weight] of weights.entries()) {
    bias[at % outputs]! -= weight * features[Math.floor(at / outputs)]!.mean;
  }
  const folded = { ...first, weights, bias };
  if (target === null) return [rounded(folded), ...others];
  const last = others.at(-1) ?? folded;
  const { mean, scale } = target;
  if (last.activation !== "linear") {
    return [rounded(folded), ...others, scaling(mean, scale)];
  }
  const scaled = rounded({
    ...last,
    weights: Float64Array.from(last.weights, (weight) => weight * scale),
    bias: Float64Array.of((last.bias?.[0] ?? 0) * scale + mean),
  });
  return others.length === 0 ? [scaled] : [rounded(folded), ...others.slice(0, -1), scaled];
}

/** prediction · scale + mean */
function scaling(mean: number, scale: number): DenseLayer {
  return {
    inputs: 1,
    outputs: 1,
    activation: "linear",
    weights: Float32Array.of(scale),
    bias: Float32Array.of(mean),
  };
}

function rounded(
  layer: Omit<DenseLayer, "weights" | "bias"> & { weights: Float64Array; bias: Float64Array },
): DenseLayer {
  return {
    ...layer,
    weights: Float32Array.from(layer.weights),
    bias: Float32Array.from(layer.bias),
  };
}

async function wrapLayers(
  network: LayersNetwork,
  { features, target }: Standardization,
): Promise<Network> {
  await ensureBackend();
  const inner = await toLayersModel(network);
  const outer = sequential({ name: "with_standardization" });
  try {
    const taken = new Set([inner.name, ...layersOf(inner).map(({ name }) => name)]);
    const count = network.features;
    const kernel = new Float32Array(count * count);
    for (const [at, { scale }] of features.entries()) kernel[at * count + at] = 1 / scale;
    const bias = Float32Array.from(features, ({ mean, scale }) => -mean / scale);
    function add(name: string, units: number, values: readonly Float32Array[]): void {
      let free = name;
      while (taken.has(free)) free += "_";
      const dense = layers.dense({
        name: free,
        units,
        kernelInitializer: "zeros",
        trainable: false,
        inputShape: [units],
      });
      outer.add(dense);
      const tensors = [tensor(values[0]!, [units, units]), tensor(values[1]!, [units])];
      dense.setWeights(tensors);
      dispose(tensors);
    }
    add("standardize", count, [kernel, bias]);
    outer.add(inner);
    if (target !== null) {
      add("unstandardize", 1, [Float32Array.of(target.scale), Float32Array.of(target.mean)]);
    }
    return await networkOf(outer);
  } finally {
    outer.dispose();
    inner.dispose();
  }
}
