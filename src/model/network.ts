import { randomNormals, randomWords, STREAMS } from "../generate/index.js";
import { usageError } from "../common/errors.js";
import type { Activation, DenseLayer, DenseNetwork, LayersNetwork, Network } from "./types.js";

/** A larger model is assumed to be a typing error: 10⁸ float32 numbers are 400 MB. */
const MAXIMUM_WEIGHTS = 100_000_000;

/**
 * Layer widths of a model's name, from D features to one prediction: `linear` is [D, 1], `mlp` is
 * [D, 4D, 2D, 1], `mlp:H1,H2,…` is [D, H1, H2, …, 1].
 *
 * @throws a usage error for any other name
 */
export function layerWidths(model: string, features: number): number[] {
  const widths = hiddenWidths(model, features);
  const layers = [features, ...widths, 1];
  const weights = layers.slice(1).reduce((sum, width, at) => sum + width * layers[at]!, 0);
  if (weights > MAXIMUM_WEIGHTS) {
    throw usageError(
      `The model ${model} would have ${weights} weights; choose narrower layers (at most ${MAXIMUM_WEIGHTS} weights).`,
    );
  }
  return layers;
}

function hiddenWidths(model: string, features: number): number[] {
  if (model === "linear") return [];
  if (model === "mlp") return [4 * features, 2 * features];
  const list = /^mlp:(\d{1,9}(?:,\d{1,9})*)$/.exec(model)?.[1]?.split(",").map(Number);
  if (list === undefined || list.includes(0)) {
    throw usageError(
      `There is no model ${model}; choose linear, mlp, mlp:H1,H2,… (widths of the hidden layers, 1 or more), or the path of a model.json.`,
    );
  }
  return list;
}

/** The distribution of initial weights. */
export type Init =
  | { kind: "uniform" }
  | { kind: "glorot" }
  | { kind: "normal"; standardDeviation: number };

/** Reads `uniform`, `glorot` or `normal:S`. Throws a usage error for anything else. */
export function parseInit(text: string): Init {
  if (text === "uniform" || text === "glorot") return { kind: text };
  const number = /^normal:(.+)$/.exec(text)?.[1];
  const standardDeviation = number === undefined ? Number.NaN : Number(number);
  if (!Number.isFinite(standardDeviation) || standardDeviation < 0) {
    throw usageError(
      `There is no init ${text}; choose uniform, glorot, or normal:S with a standard deviation S, for instance normal:0.1.`,
    );
  }
  return { kind: "normal", standardDeviation };
}

/** Hidden layers' activation and whether layers have biases; the last layer has no activation. */
export interface LayerForm {
  activation: Activation;
  bias: boolean;
}

/**
 * A network with random weights, a function of the seed alone: layer l takes row l of the stream of
 * initial weights, first its kernel, then its bias.
 *
 * `uniform` is PyTorch's default for a Linear layer, U(−1/√fanIn, 1/√fanIn) for kernel and bias (He
 * et al. 2015 with a = √5). `glorot` is U(±√(6/(fanIn + fanOut))) with biases of zero (Glorot and Bengio
 * 2010, Keras's default). `normal` is S·N(0,1) for both.
 *
 * @param widths layer widths from the features to the prediction
 * @param form default: ReLU, no biases
 */
export function initialNetwork(
  widths: readonly number[],
  init: Init,
  seed: number,
  form: LayerForm = { activation: "relu", bias: false },
): DenseNetwork {
  return widths.slice(1).map((outputs, layer): DenseLayer => {
    const inputs = widths[layer]!;
    const kernel = inputs * outputs;
    const values = initialValues(init, seed, layer, inputs, outputs);
    return {
      inputs,
      outputs,
      activation: layer === widths.length - 2 ? "linear" : form.activation,
      weights: values.slice(0, kernel),
      ...(form.bias && {
        bias: init.kind === "glorot" ? new Float32Array(outputs) : values.slice(kernel),
      }),
    };
  });
}

/** Numbers for a kernel, followed by those for its bias. */
function initialValues(
  init: Init,
  seed: number,
  layer: number,
  inputs: number,
  outputs: number,
): Float32Array {
  const count = (inputs + 1) * outputs;
  if (init.kind === "normal") {
    const normals = randomNormals(seed, STREAMS.initialWeights, layer, count);
    return normals.map((normal) => init.standardDeviation * normal);
  }
  const bound = init.kind === "uniform" ? 1 / Math.sqrt(inputs) : Math.sqrt(6 / (inputs + outputs));
  const words = randomWords(seed, STREAMS.initialWeights, layer, count);
  return Float32Array.from(words, (word) => (((word + 0.5) / 2 ** 32) * 2 - 1) * bound);
}

/** Whether a network is a chain of dense layers. */
export function isDense(network: Network): network is DenseNetwork {
  return Array.isArray(network);
}

/** How many features a network takes. */
export function featuresOf(network: Network): number {
  return isDense(network) ? network[0]!.inputs : network.features;
}

/** Layer widths of a network, from the features to the prediction. */
export function widthsOf(network: Network): number[] {
  if (!isDense(network)) return [...network.widths];
  return network.flatMap((layer, index) =>
    index === 0 ? [layer.inputs, layer.outputs] : [layer.outputs],
  );
}

/** How many weights a network has, biases included. */
export function countWeights(network: Network): number {
  return parametersOf(network).reduce((sum, { values }) => sum + values.length, 0);
}

/** One array of numbers of a network. */
export interface Parameter {
  values: Float32Array;
  /** In a dense layer [inputs, outputs] for the kernel, [outputs] for the bias. */
  shape: readonly number[];
  /** Whether training changes it by its gradient. */
  trainable: boolean;
}

/**
 * A network's parameters in the order of tfjs: kernel and, if it has one, bias of each dense layer. For
 * another model, its trained weights and then the others.
 */
export function parametersOf(network: Network): Parameter[] {
  if (!isDense(network)) return [...network.weights];
  return network.flatMap(({ inputs, outputs, weights, bias }) => [
    { values: weights, shape: [inputs, outputs], trainable: true },
    ...(bias === undefined ? [] : [{ values: bias, shape: [outputs], trainable: true }]),
  ]);
}

/** The index of each layer's weights and, if it has one, its bias among `parametersOf`. */
export function parameterIndices(
  network: DenseNetwork,
): { weights: number; bias: number | undefined }[] {
  let next = 0;
  return network.map(({ bias }) => ({
    weights: next++,
    bias: bias === undefined ? undefined : next++,
  }));
}

/** The same layers with other parameters, in the order of `parametersOf`. */
export function withParameters(
  network: DenseNetwork,
  parameters: readonly Float32Array[],
): DenseNetwork;
export function withParameters(network: Network, parameters: readonly Float32Array[]): Network;
export function withParameters(network: Network, parameters: readonly Float32Array[]): Network {
  if (!isDense(network)) {
    const weights = network.weights.map((weight, at) => ({ ...weight, values: parameters[at]! }));
    return { ...network, weights } satisfies LayersNetwork;
  }
  let at = 0;
  return network.map((layer) => ({
    ...layer,
    weights: parameters[at++]!,
    ...(layer.bias === undefined ? {} : { bias: parameters[at++]! }),
  }));
}

/** Whether every weight is a finite number. */
export function isFiniteNetwork(network: Network): boolean {
  return parametersOf(network).every(({ values }) => values.every(Number.isFinite));
}
