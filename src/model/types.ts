import type { Activation } from "./options.js";

export type { Activation };

/** One dense layer: activation(input · weights + bias). */
export interface DenseLayer {
  inputs: number;
  outputs: number;
  activation: Activation;
  /** inputs × outputs, row-major, as tfjs keeps a kernel. */
  weights: Float32Array;
  /** One number an output; a layer without a bias has none. */
  bias?: Float32Array;
}

/** A stack of dense layers from D features to one prediction. One layer is the linear model. */
export type DenseNetwork = DenseLayer[];

/** One array of weights of a LayersModel. */
export interface LayersWeight {
  /** As weights manifests name it, for instance `dense_1/kernel`. */
  name: string;
  shape: number[];
  /** Whether training changes it by its gradient; moving averages, say, it does not. */
  trainable: boolean;
  values: Float32Array;
}

/** Any tfjs LayersModel that takes D features and makes one prediction, as plain data. */
export interface LayersNetwork {
  /** D. */
  features: number;
  /** How many numbers a row each layer with weights makes, from the features to the prediction. */
  widths: number[];
  /** The layers, as `model.json` holds them. */
  topology: Record<string, unknown>;
  /** In the model's own order: those that are trained, then the others. */
  weights: LayersWeight[];
}

/** What can be trained: dense layers that vadi computes itself, or another tfjs model. */
export type Network = DenseNetwork | LayersNetwork;
