/** Loss landscapes: the loss of each batch along a line through a model's weights. */
export type * from "./types.js";
export { leastCurvature } from "./curvature.js";
export type { Curvature } from "./curvature.js";
export { combineNetworks } from "./directions/weights.js";
export { exactLosses } from "./float64.js";
export { landscape } from "./landscape.js";
export type { Grid } from "./method.js";
export type { LanczosLimits } from "./lanczos.js";
export { mergeLandscapes } from "./merge.js";
export { openLandscape } from "./open.js";
