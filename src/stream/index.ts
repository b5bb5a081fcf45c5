/**
 * Datasets as streams of minibatches: shuffled, read ahead in worker threads, never held in memory.
 *
 * @module
 */
export { openDataset } from "./dataset.js";
export { MAXIMUM_EPOCHS, SHUFFLE_MODES } from "./options.js";
export type * from "./types.js";
