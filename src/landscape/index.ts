/**
 * Loss landscapes: the loss of each batch along a line or over a plane through a model's weights.
 *
 * @module
 */
export type * from "./points/types.js";
export { readSnapshot, readSnapshots } from "./directions/snapshots.js";
export { RANDOM_ROWS, randomNetwork } from "./directions/random.js";
export { combineNetworks } from "./directions/weights.js";
export { exactLosses } from "./exact/losses.js";
export { makeAxes } from "./axes.js";
export { landscapeSettings } from "./points/resolve-options.js";
export type { LandscapeSettings } from "./points/resolve-options.js";
export { checkFeatures, checkFinite, datasetOfRun } from "./dataset-of-run.js";
export { landscape } from "./landscape.js";
export type { Grid } from "./points/grid.js";
export { readBatches } from "./points/read-batches.js";
export { selectBatches } from "./points/select-batches.js";
export { mergeLandscapes } from "./merge/merge.js";
export { openLandscape } from "./store/open.js";
