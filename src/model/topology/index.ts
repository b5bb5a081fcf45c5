/**
 * Models as TensorFlow.js describes them in JSON, which may come from a stranger.
 * Uses common only.
 *
 * @module
 */
export { checkGraph } from "./check-graph.js";
export { checkNames } from "./check-names.js";
export { describedLayers, isRecord, type DescribedLayer } from "./described-layers.js";
