/**
 * The graph engine: a step of training as one TensorFlow graph, on tfjs-node.
 *
 * @module
 */
export { graphEngine, startOptionsFor } from "./engine.js";
