/**
 * Models: networks as plain arrays and as TensorFlow.js models, their files, predictions and gradients.
 * Uses generate (initial weights), stream (batches), backend, files and common.
 *
 * @module
 */
export type * from "./types.js";
export { ACTIVATIONS } from "./activation.js";
export { backpropagate } from "./backpropagation.js";
export type { BackpropagationInput, NetworkAlgebra } from "./backpropagation.js";
export { createForward, createPredictor, predictNetwork } from "./forward.js";
export type { Forward, Predictor } from "./forward.js";
export type { GradientSource, BatchRows, HeldParameters, BatchGradients } from "./gradients.js";
export { toLayersModel, networkOf } from "./layers-network.js";
export { modelToNetwork, networkToModel } from "./layers-model.js";
export { loadModel, loadNetwork, saveNetwork, modelFiles } from "./model-files.js";
export {
  countWeights,
  featuresOf,
  initialNetwork,
  isDense,
  layerWidths,
  parameterIndices,
  parametersOf,
  parseInit,
  widthsOf,
  withParameters,
  isFiniteNetwork,
} from "./network.js";
export type { Init, Parameter } from "./network.js";
export { layersOf } from "./build-layers.js";
export { uploadBatch, download, meanSquare, denseGradients, holdParameters } from "./gradients.js";
export { dropoutsOf, variesInTraining } from "./check-layers.js";
export { safetensors } from "./safetensors.js";
export type { NamedTensor } from "./safetensors.js";
export { foldStandardization } from "./fold-standardization.js";
export { ACTIVATION_NAMES, GIVEN_WEIGHTS } from "./options.js";
