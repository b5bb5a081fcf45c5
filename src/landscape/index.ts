/**
 * Loss landscapes: the loss of each batch along a line or over a plane through a model's weights, and
 * the curvature there.
 *
 * @module
 */
export type * from "./points/types.js";
export { leastCurvature } from "./curvature/least-curvature.js";
export type { Curvature } from "./curvature/least-curvature.js";
export { readSnapshots } from "./directions/snapshots.js";
export { combineNetworks } from "./directions/weights.js";
export { exactLosses } from "./exact/losses.js";
export { landscape } from "./landscape.js";
export type { Grid } from "./points/grid.js";
export type { LanczosLimits } from "./curvature/lanczos.js";
export { mergeLandscapes } from "./merge/merge.js";
export { openLandscape } from "./store/open.js";
