/** Loss landscapes: the loss of each batch along a line through a model's weights. */
export type * from "./types.js";
export { landscape } from "./landscape.js";
export { mergeLandscapes } from "./merge.js";
export { openLandscape } from "./open.js";
