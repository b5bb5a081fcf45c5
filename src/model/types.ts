import type { Activation } from "./options.js";

export type { Activation };

/** One dense layer: activation(input · weights + bias). */
export interface DenseLayer {
  inputs: number;
  outputs: number;
  activation: Activation;
  /** inputs × outputs, row-major, like a tfjs kernel. */
  weights: Float32Array;
  /** One number for each output; undefined for a layer without a bias. */
  bias?: Float32Array;
}

/** A stack of dense layers from D features to one prediction. One layer is the linear model. */
export type DenseNetwork = DenseLayer[];

/** One array of weights of a LayersModel. */
export interface LayersWeight {
  /** The name in weights manifests, for instance `dense_1/kernel`. */
  name: string;
  shape: number[];
  /** Whether training changes it by its gradient. Moving averages, for instance, are not trained. */
  trainable: boolean;
  values: Float32Array;
}

/** A tfjs LayersModel that maps D features to one prediction, as plain data. */
export interface LayersNetwork {
  /** D. */
  features: number;
  /** The width of the features, of the output of each layer with weights, and of the prediction. */
  widths: number[];
  /** The layers, in the form of `model.json`. */
  topology: Record<string, unknown>;
  /** In the model's own order: the trained ones, then the others. */
  weights: LayersWeight[];
}

/** A model that can be trained: dense layers, which vadi computes itself, or another tfjs model. */
export type Network = DenseNetwork | LayersNetwork;
