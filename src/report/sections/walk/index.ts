/**
 * A training as a walk through weight space: the snapshots on its way, and the figures through which
 * a reader moves step by step.
 * Uses the figures of planes and curves.
 *
 * @module
 */
export { readWalk, type Walk } from "./walk.js";
export { walkFigures, type WalkPlane } from "./figures.js";
