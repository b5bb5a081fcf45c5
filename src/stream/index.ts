/**
 * Datasets as streams of minibatches: shuffled, read ahead in worker threads, never held in memory.
 *
 * @module
 */
export type { BatchStream } from "./batch-stream.js";
export { startReading } from "./chunks/pool.js";
export { openDataset } from "./dataset.js";
export { openReference, originSchema, referenceTo } from "./dataset-reference.js";
export type { CacheOptions } from "./dataset-reference.js";
export type { DatasetReference } from "./dataset-reference.js";
export { loaderStateSchema } from "./check-options.js";
export { MAXIMUM_EPOCHS, SHUFFLE_MODES } from "./options.js";
export type { ShuffleMode } from "./options.js";
export { filterRows } from "./filter-rows.js";
export type { SplitOptions } from "./split.js";
export { standardizationOf, standardizedFeatures } from "./statistics/standardize.js";
export type { ColumnScaling, Standardization } from "./statistics/standardize.js";
export type { ColumnStatistics, Statistics, StatisticsOptions } from "./statistics/types.js";
export type * from "./types.js";
