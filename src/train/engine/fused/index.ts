/**
 * The fused kernel: forward and backward pass of dense networks in one go, shared by threads.
 *
 * @module
 */
export { createFusedEngine, fusedEngine } from "./engine.js";
export { createGradientSums, gradientThreads } from "./gradients.js";
export type { GradientSums } from "./gradients.js";
export { isFusedNetwork } from "./network.js";
